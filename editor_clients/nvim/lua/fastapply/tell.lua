-- One line for the user.

local M = {}

local GROUPS = { [vim.log.levels.WARN] = 'WarningMsg', [vim.log.levels.ERROR] = 'ErrorMsg' }

--- Neovim's own `vim.notify` would stop who is typing with a hit-enter prompt where the line is too long: shorten it
--- for the screen, and keep the whole for `:messages`.
local function echo(text, level)
  local group = GROUPS[level]
  vim.api.nvim_echo({ { text, group } }, true, {})
  vim.cmd.redraw() -- takes the prompt back
  local room = math.max(vim.v.echospace - 1, 1)
  vim.api.nvim_echo({ { vim.fn.strcharpart(text, 0, room) .. '…', group } }, false, {})
end

local function notify(level)
  return function(message, ...)
    local text = 'fastapply: ' .. message:format(...):gsub('%s*\n%s*', ' ')
    local own = debug.getinfo(vim.notify, 'S').source:match('vim/_editor%.lua$')
    if own and vim.api.nvim_strwidth(text) > vim.v.echospace then
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
