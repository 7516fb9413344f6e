-- Mappings that a buffer has while it has a preview. Those that they hide come back afterwards.

local config = require('fastapply.config')

local M = {}

local hidden = {} ---@type table<integer, table<string, table|false>> what was mapped before, by key

local WHAT = {
  next = 'the next hunk',
  prev = 'the previous hunk',
  accept = 'accept the hunk, and go to the next',
  reject = 'reject the hunk, and go to the next',
  other = 'another reading of the update',
  all = 'accept all hunks of the file',
  cancel = 'take the preview away',
  details = 'what is in doubt, and why',
}

local function act(name)
  local fastapply = require('fastapply')
  if name == 'next' or name == 'prev' then
    fastapply.jump((name == 'prev' and -1 or 1) * vim.v.count1)
  elseif name == 'other' then
    fastapply.reading(vim.v.count > 0 and vim.v.count or nil)
  elseif name == 'all' then
    fastapply.accept({ all = true })
  else
    fastapply[name]()
  end
end

function M.add(buf)
  if hidden[buf] then
    return
  end
  hidden[buf] = {}
  for name, what in pairs(WHAT) do
    local key = config.values.keys[name]
    if key then
      vim.api.nvim_buf_call(buf, function()
        local before = vim.fn.maparg(key, 'n', false, true)
        hidden[buf][key] = before.buffer == 1 and before or false
      end)
      vim.keymap.set('n', key, function()
        act(name)
      end, { buffer = buf, nowait = true, desc = 'fastapply: ' .. what })
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
