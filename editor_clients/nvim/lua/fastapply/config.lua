-- What the user can set: |fastapply-config|.

local M = {}

M.defaults = {
  -- The command that starts the server; nil: `.venv/bin/fastapply` of the workspace, or `fastapply` on PATH.
  cmd = nil,
  -- Options of the server, such as { model = 'none' }: |fastapply-server-options|.
  server = {},
  -- Attach to every file when it is opened, so that the model is warm; false: the first :FastApply starts the server.
  attach = false,
  -- Which register :FastApply takes when none is named.
  register = '"',
  -- Mappings that exist in a buffer while it has a preview; false: none.
  keys = {
    next = ']h',
    prev = '[h',
    accept = '<CR>', -- and go to the next hunk
    reject = '<BS>', -- and go to the next hunk
    other = 'go', -- another reading of a doubtful update
    all = 'g<CR>', -- accept all hunks of the file
    cancel = 'g<BS>',
    details = 'g?',
  },
  signs = { add = '+', change = '~', delete = '-' },
}

M.values = vim.deepcopy(M.defaults)

local TYPES = {
  cmd = 'table',
  server = 'table',
  attach = 'boolean',
  register = 'string',
  keys = 'table',
  signs = 'table',
}

--- Take the user's options. What is wrong with them, one line each.
function M.set(options)
  local complaints, values = {}, {}
  for name, value in pairs(options) do
    local off = name == 'keys' and value == false
    if not TYPES[name] then
      table.insert(complaints, ('there is no option `%s`'):format(name))
    elseif type(value) ~= TYPES[name] and not off then
      table.insert(complaints, ('option `%s`: a %s is wanted'):format(name, TYPES[name]))
    else
      values[name] = off and {} or value
    end
  end
  M.values = vim.tbl_extend('force', vim.deepcopy(M.defaults), values)
  M.values.signs = vim.tbl_extend('force', M.defaults.signs, M.values.signs)
  if values.keys and options.keys then
    M.values.keys = vim.tbl_extend('force', M.defaults.keys, values.keys)
  end
  return complaints
end

return M
