-- Where an update comes from, and which buffer it is for.

local M = {}

local api = vim.api

local function counted(text)
  local lines = #vim.split(vim.trim(text), '\n', { plain = true })
  return lines == 1 and '1 line' or ('%d lines'):format(lines)
end

--- The text of a register, and what it is for a person; nil and why if there is none.
function M.register(name)
  if not name:match('^[%w"*+%-:.%%#/=_~]$') then
    return nil, ('`%s` is not a register'):format(name)
  end
  local ok, text = pcall(vim.fn.getreg, name)
  if not ok or vim.trim(text) == '' then
    return nil, ('register %s is empty: yank or copy the suggested edit first'):format(name)
  end
  return text, ('register %s, %s'):format(name, counted(text))
end

--- Lines as text, and what they are for a person; nil and why if there is nothing in them.
function M.lines(lines)
  local text = table.concat(lines, '\n') .. '\n'
  if vim.trim(text) == '' then
    return nil, 'the selected lines are empty'
  end
  return text, ('selection, %s'):format(counted(text))
end

local function takes_edits(buf, source)
  return buf > 0 and buf ~= source and api.nvim_buf_is_loaded(buf) and vim.bo[buf].buftype == ''
end

--- The buffer that text selected in `source` is for: of the window before, of another window, or the alternate file.
function M.target(source)
  local windows = { vim.fn.win_getid(vim.fn.winnr('#')), unpack(api.nvim_tabpage_list_wins(0)) }
  for _, window in ipairs(windows) do
    if window ~= 0 and takes_edits(api.nvim_win_get_buf(window), source) then
      return api.nvim_win_get_buf(window)
    end
  end
  local alternate = vim.fn.bufnr('#')
  if takes_edits(alternate, source) then
    return alternate
  end
  return nil, 'the selection is the update, but no other window shows a file'
end

return M
