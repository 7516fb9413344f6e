-- What is shown of a rewrite in the text itself: extmarks and nothing else, so that the buffer, its undo tree and
-- 'modified' stay as they are. No line of the text moves: new lines are laid over it, by `view`.

local config = require('fastapply.config')
local hunks = require('fastapply.hunks')
local words = require('fastapply.words')

local M = {}

local api = vim.api
local HUNKS = api.nvim_create_namespace('fastapply.hunks')
local SHOWN = api.nvim_create_namespace('fastapply.shown')
local LABELS = api.nvim_create_namespace('fastapply.labels')

local LINKS = {
  FastApplySignAdd = 'Added',
  FastApplySignChange = 'Changed',
  FastApplySignDelete = 'Removed',
  FastApplyLabel = 'Comment',
  FastApplyBar = 'StatusLine',
  FastApplyKey = 'Title',
}

--- A group like another one. `plain`: its background only, where it has one, so that the syntax keeps its colours.
local function like(name, plain, more)
  local found = api.nvim_get_hl(0, { name = name, link = false })
  if plain and (found.bg or found.ctermbg) then
    found = { bg = found.bg, ctermbg = found.ctermbg }
  end
  return vim.tbl_extend('force', found, more, { default = true })
end

--- Highlight groups, where the user or the colour scheme has not set them.
function M.highlights()
  for name, link in pairs(LINKS) do
    api.nvim_set_hl(0, name, { link = link, default = true })
  end
  api.nvim_set_hl(0, 'FastApplyAdd', like('DiffAdd', true, {}))
  api.nvim_set_hl(0, 'FastApplyDelete', like('DiffDelete', true, {}))
  api.nvim_set_hl(0, 'FastApplyAddText', like('DiffAdd', false, { bold = true, underline = true }))
  api.nvim_set_hl(0, 'FastApplyDeleteText', like('DiffDelete', false, { strikethrough = true }))
end

local function sign(hunk)
  if hunk.first == hunk.last then
    return config.values.signs.add, 'FastApplySignAdd'
  elseif #hunk.lines == 0 then
    return config.values.signs.delete, 'FastApplySignDelete'
  end
  return config.values.signs.change, 'FastApplySignChange'
end

--- Whether signs have a column everywhere already: one that comes and goes would move the text.
local function room_for_signs(buf)
  for _, window in ipairs(vim.fn.win_findbuf(buf)) do
    if vim.wo[window].signcolumn:match('^auto') then
      return false
    end
  end
  return true
end

--- Columns of text in the narrowest window that shows the buffer and breaks long lines.
local function columns(buf)
  local least = math.huge
  for _, window in ipairs(vim.fn.win_findbuf(buf)) do
    if vim.wo[window].wrap then
      least = math.min(least, api.nvim_win_get_width(window) - vim.fn.getwininfo(window)[1].textoff)
    end
  end
  return least
end

--- The changes of words of each line, where the hunk can be shown in its lines: each has a new version of its own, and
--- there is room for both. Else nil.
local function in_lines(buf, hunk, old)
  if #old ~= #hunk.lines then
    return nil
  end
  local pairs_of, room, found = words.pairs(old, hunk.lines), columns(buf), {}
  for i, line in ipairs(old) do
    local changes = words.diff(line, hunk.lines[i])
    local width = vim.fn.strdisplaywidth(line)
    for _, change in ipairs(changes) do
      width = width + vim.fn.strdisplaywidth(hunk.lines[i]:sub(change[3] + 1, change[4]))
    end
    if pairs_of[i] ~= i or width > room or (line .. '\n' .. hunk.lines[i]):find('[^\n]\t') then
      return nil
    end
    found[i] = changes
  end
  return found
end

local function show_words(buf, row, changes, new)
  for _, change in ipairs(changes) do
    local first, last, text = change[1], change[2], new:sub(change[3] + 1, change[4])
    if last > first then
      local group = { end_col = last, hl_group = 'FastApplyDeleteText', priority = 201 }
      api.nvim_buf_set_extmark(buf, SHOWN, row, first, group)
    end
    if text ~= '' then
      api.nvim_buf_set_extmark(buf, SHOWN, row, last, {
        virt_text = { { vim.fn.strtrans(text), 'FastApplyAddText' } },
        virt_text_pos = 'inline',
        right_gravity = false,
      })
    end
  end
end

local function show_gone(buf, row)
  api.nvim_buf_set_extmark(buf, SHOWN, row, 0, {
    end_row = row + 1,
    end_col = 0,
    strict = false,
    hl_group = 'FastApplyDelete',
    hl_eol = true,
    priority = 200, -- above syntax and diagnostics
  })
end

local function place_one(buf, hunk, signs)
  local count = api.nvim_buf_line_count(buf)
  local first, last = math.min(hunk.first, count), math.min(hunk.last, count)
  -- The place: follows the text until the server says where the hunk is now.
  local mark = api.nvim_buf_set_extmark(buf, HUNKS, first, 0, {
    end_row = last,
    end_col = 0,
    strict = false,
    right_gravity = first == last,
    end_right_gravity = first == last,
  })
  local old = api.nvim_buf_get_lines(buf, first, last, false)
  local changes = first < last and in_lines(buf, hunk, old) or nil
  hunk.in_lines = changes ~= nil
  for row = first, last - 1 do
    if changes then
      show_words(buf, row, changes[row - first + 1], hunk.lines[row - first + 1])
    else
      show_gone(buf, row)
    end
  end
  -- Signs by themselves: one stands on each line that its mark touches, and those above end where the next line begins.
  local text, group = sign(hunk)
  local anchor = math.min(hunks.anchor({ first = first, last = last }), count - 1)
  for row = anchor, math.max(last - 1, anchor) do
    local column = signs and { sign_text = text, sign_hl_group = group } or {}
    column.number_hl_group, column.priority = group, 200
    api.nvim_buf_set_extmark(buf, SHOWN, row, 0, column)
  end
  return mark
end

--- Show hunks beside those that are shown already. `marks`: hunks by extmark, which is added to.
function M.add(buf, marks, more)
  local signs = room_for_signs(buf)
  api.nvim_buf_call(buf, function() -- tabs are as wide as this buffer has them
    for _, hunk in ipairs(more) do
      marks[place_one(buf, hunk, signs)] = hunk
    end
  end)
end

--- Take all hunks away.
function M.clear(buf)
  if api.nvim_buf_is_valid(buf) then
    for _, space in ipairs({ HUNKS, SHOWN, LABELS }) do
      api.nvim_buf_clear_namespace(buf, space, 0, -1)
    end
  end
end

--- The hunks of `marks` where they are now, first to last; without those whose ids are in `but`.
function M.placed(buf, marks, but)
  local found = {}
  for _, mark in ipairs(api.nvim_buf_get_extmarks(buf, HUNKS, 0, -1, { details = true })) do
    local hunk = marks[mark[1]]
    if hunk and not (but and but[hunk.id]) then
      local last = math.max(mark[4].end_row or mark[2], mark[2])
      table.insert(found, vim.tbl_extend('force', hunk, { first = mark[2], last = last }))
    end
  end
  return found
end

function M.label_of(hunk, number, count)
  return ('  hunk %d of %d · %s'):format(number, count, hunks.size(hunk))
end

--- Behind the text of each hunk's line: which it is of how many, and what comes and goes there.
function M.label(buf, placed)
  api.nvim_buf_clear_namespace(buf, LABELS, 0, -1)
  for i, hunk in ipairs(placed) do
    local row = math.min(hunks.anchor(hunk), api.nvim_buf_line_count(buf) - 1)
    local text = { M.label_of(hunk, i, #placed), 'FastApplyLabel' }
    local options = { virt_text = { text }, virt_text_pos = 'eol', hl_mode = 'combine' }
    api.nvim_buf_set_extmark(buf, LABELS, row, 0, options)
  end
end

--- Write hunks, first to last, into the buffer as one undo step. Neovim keeps cursors and views on their text where
--- whole lines are replaced from the last hunk on.
function M.write(buf, sorted)
  local marks = vim.fn.getmarklist(buf)
  -- Setting 'undolevels' ends an undo step, whatever the mode: what is typed before and after stays apart.
  vim.bo[buf].undolevels = vim.bo[buf].undolevels
  for i = #sorted, 1, -1 do
    local hunk = sorted[i]
    api.nvim_buf_set_lines(buf, hunk.first, hunk.last, true, hunk.lines)
  end
  vim.bo[buf].undolevels = vim.bo[buf].undolevels
  for _, mark in ipairs(marks) do -- replacing lines deletes the marks in them
    local name, row, column = mark.mark:match("^'(%l)$"), mark.pos[2] - 1, mark.pos[3] - 1
    if name and api.nvim_buf_get_mark(buf, name)[1] == 0 then
      row = math.min(hunks.row_after(sorted, row), api.nvim_buf_line_count(buf) - 1)
      local text = api.nvim_buf_get_lines(buf, row, row + 1, true)[1]
      api.nvim_buf_set_mark(buf, name, row + 1, math.min(math.max(column, 0), #text), {})
    end
  end
end

return M
