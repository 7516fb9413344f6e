-- Mappings that a buffer has while it has a preview. Those that they hide come back afterwards.

local config = require('fastapply.config')

local M = {}

local hidden = {} ---@type table<integer, table<string, table|false>> what was mapped before, by key

local function fastapply()
  return require('fastapply')
end

local ACTIONS = {
  next = { 'the next hunk', function()
    fastapply().jump(vim.v.count1)
  end },
  prev = { 'the previous hunk', function()
    fastapply().jump(-vim.v.count1)
  end },
  accept = { 'accept the hunk, and go to the next', function()
    fastapply().accept()
  end },
  reject = { 'reject the hunk, and go to the next', function()
    fastapply().reject()
  end },
  other = { 'another reading of the update', function()
    fastapply().reading(vim.v.count > 0 and vim.v.count or nil)
  end },
  all = { 'accept all hunks of the file', function()
    fastapply().accept({ all = true })
  end },
  cancel = { 'take the preview away', function()
    fastapply().cancel()
  end },
  details = { 'what is in doubt, and why', function()
    fastapply().details()
  end },
}

function M.add(buf)
  if hidden[buf] then
    return
  end
  hidden[buf] = {}
  for name, action in pairs(ACTIONS) do
    local key = config.values.keys[name]
    if key then
      vim.api.nvim_buf_call(buf, function()
        local before = vim.fn.maparg(key, 'n', false, true)
        hidden[buf][key] = before.buffer == 1 and before or false
      end)
      vim.keymap.set('n', key, action[2], { buffer = buf, nowait = true, desc = 'fastapply: ' .. action[1] })
    end
  end
end

function M.remove(buf)
  local keys = hidden[buf]
  hidden[buf] = nil
  if not keys or not vim.api.nvim_buf_is_loaded(buf) then
    return
  end
  vim.api.nvim_buf_call(buf, function()
    for key, before in pairs(keys) do
      pcall(vim.keymap.del, 'n', key, { buffer = buf })
      if before then
        vim.fn.mapset('n', false, before)
      end
    end
  end)
end

return M
