-- One line for the user.

local M = {}

local GROUPS = { [vim.log.levels.WARN] = 'WarningMsg', [vim.log.levels.ERROR] = 'ErrorMsg' }

--- The last message in full, for the float of |:FastApplyDetails|.
M.last = nil ---@type string?

--- Neovim's own `vim.notify` would stop who is typing with a hit-enter prompt where the line is too long.
local function echo(text, level)
  local room = math.max(vim.v.echospace, 1)
  if vim.api.nvim_strwidth(text) > room then
    text = vim.fn.strcharpart(text, 0, room - 1) .. '…'
  end
  vim.cmd.redraw() -- a command that was longer than the line would ask for a key as well
  vim.api.nvim_echo({ { text, GROUPS[level] } }, true, {})
end

local function notify(level)
  return function(message, ...)
    local text = 'fastapply: ' .. message:format(...):gsub('%s*\n%s*', ' ')
    M.last = text
    local own = debug.getinfo(vim.notify, 'S').source:match('vim/_editor%.lua$')
    if own then
      echo(text, level)
    else
      vim.notify(text, level)
    end
  end
end

M.info = notify(vim.log.levels.INFO)
M.warn = notify(vim.log.levels.WARN)
M.error = notify(vim.log.levels.ERROR)

return M
