-- Mappings that a buffer has while it has a preview. Those that they hide come back afterwards.

local config = require('fastapply.config')

local M = {}

local hidden = {} ---@type table<integer, table<string, table|false>> what was mapped before, by key

function M.add(buf)
  if hidden[buf] then
    return
  end
  hidden[buf] = {}
  for name, key in pairs(config.values.keys) do
    if key then
      vim.api.nvim_buf_call(buf, function()
        local before = vim.fn.maparg(key, 'n', false, true)
        hidden[buf][key] = before.buffer == 1 and before or false
      end)
      vim.keymap.set('n', key, function()
        require('fastapply').jump((name == 'prev' and -1 or 1) * vim.v.count1)
      end, { buffer = buf, desc = ('fastapply: the %s hunk'):format(name == 'prev' and 'previous' or 'next') })
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
