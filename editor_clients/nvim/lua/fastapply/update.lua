-- Where an update comes from, and which buffer it is for.

local M = {}

local api = vim.api

--- The text of a register; nil and why if there is none.
function M.register(name)
  if not name:match('^[%w"*+%-:.%%#/=_~]$') then
    return nil, ('`%s` is no register'):format(name)
  end
  local ok, text = pcall(vim.fn.getreg, name)
  if not ok or vim.trim(text) == '' then
    return nil, ('register %s is empty: yank or copy the suggested edit first'):format(name)
  end
  return text
end

--- Lines as text; nil and why if there is nothing in them.
function M.lines(lines)
  local text = table.concat(lines, '\n') .. '\n'
  if vim.trim(text) == '' then
    return nil, 'the selected lines are empty'
  end
  return text
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
