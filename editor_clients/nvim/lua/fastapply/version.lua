-- Which Neovim this plugin needs. Loads in any Neovim that has Lua, so that an old one gets a message and no traceback.

local M = {}

M.MINIMUM = '0.11'

local told = false

function M.supported()
  return vim.fn.has('nvim-' .. M.MINIMUM) == 1
end

--- Whether this Neovim is new enough; if it is not, say so once.
function M.check()
  if M.supported() then
    return true
  end
  if not told then
    told = true
    local own = vim.split(vim.fn.execute('version'), '\n', { trimempty = true })[1]:gsub('^NVIM v', '')
    local message = ('fastapply: needs Neovim %s or newer, this is %s: nothing was loaded'):format(M.MINIMUM, own)
    vim.api.nvim_echo({ { message, 'WarningMsg' } }, true, {})
  end
  return false
end

return M
