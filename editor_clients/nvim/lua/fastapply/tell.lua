-- One line for the user.

local M = {}

local function notify(level)
  return function(message, ...)
    vim.notify('fastapply: ' .. message:format(...), level)
  end
end

M.info = notify(vim.log.levels.INFO)
M.warn = notify(vim.log.levels.WARN)
M.error = notify(vim.log.levels.ERROR)

return M
