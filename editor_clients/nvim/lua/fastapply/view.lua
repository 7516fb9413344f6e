-- What is laid over the text: the new lines of one hunk, where they would come, and a bar with the keys in the last
-- line of the window. Floating windows, so that no line of the text moves; all of them go when their preview goes.

local config = require('fastapply.config')
local hunks = require('fastapply.hunks')
local preview = require('fastapply.preview')
local words = require('fastapply.words')

local M = {}

local api = vim.api
local WORDS = api.nvim_create_namespace('fastapply.words')
local BAR = api.nvim_create_namespace('fastapply.bar')
local ZINDEX = 40 -- below menus and the windows of others

---@class fastapply.View what a session shows; fields come and go
---@field new? integer buffer: the text with all hunks
---@field block? integer window with the new lines of a hunk
---@field bar? integer window
---@field bar_buf? integer
---@field made? string for which hunks and text `new` was made
---@field starts? integer[] the row of `new` at which each hunk begins
---@field labelled? string for which hunks and text the labels were made

--- The window that shows a session: the current one if it does, else the first of this tab page. Nil: none.
function M.window(buf)
  local current = api.nvim_get_current_win()
  for _, window in ipairs({ current, unpack(api.nvim_tabpage_list_wins(0)) }) do
    if api.nvim_win_get_buf(window) == buf and api.nvim_win_get_config(window).relative == '' then
      return window
    end
  end
end

--- A window that shows the buffer, opened where files are shown if there is none.
function M.open(buf)
  local window = M.window(buf)
  if window then
    return window
  end
  for _, other in ipairs({ api.nvim_get_current_win(), unpack(api.nvim_tabpage_list_wins(0)) }) do
    local plain = vim.bo[api.nvim_win_get_buf(other)].buftype == '' and not vim.wo[other].winfixbuf
    if plain and api.nvim_win_get_config(other).relative == '' then
      window = other
      break
    end
  end
  if not window then
    vim.cmd('aboveleft split')
    window = api.nvim_get_current_win()
  end
  api.nvim_win_set_buf(window, buf)
  return window
end

--- The hunk that commands and keys mean, its number, and whether it is on the screen: the one under the cursor, else
--- the nearest.
function M.current(buf, placed)
  local window = M.window(buf)
  local row = window and api.nvim_win_get_cursor(window)[1] - 1 or 0
  local hunk, number = hunks.nearest(placed, row)
  if not hunk or not window then
    return hunk, number, false
  end
  local first = math.min(hunks.anchor(hunk), api.nvim_buf_line_count(buf) - 1) + 1
  return hunk, number, vim.fn.line('w0', window) <= math.max(hunk.last, first) and first <= vim.fn.line('w$', window)
end

local function scratch()
  local buf = api.nvim_create_buf(false, true)
  vim.bo[buf].bufhidden = 'hide'
  vim.bo[buf].undolevels = -1
  return buf
end

--- The buffer with the text as it would be, in the colours of its language.
local function new_side(session, placed)
  local view, buf = session.view, session.buf
  local names = vim.tbl_map(function(hunk)
    return hunk.id .. ':' .. hunk.first
  end, placed)
  local made = api.nvim_buf_get_changedtick(buf) .. ' ' .. table.concat(names, ' ')
  if view.made == made and view.new and api.nvim_buf_is_valid(view.new) then
    return view.new, view.starts
  end
  if not view.new or not api.nvim_buf_is_valid(view.new) then
    view.new = scratch()
    vim.bo[view.new].tabstop = vim.bo[buf].tabstop
    vim.bo[view.new].vartabstop = vim.bo[buf].vartabstop
    local highlighter = vim.treesitter.highlighter.active[buf]
    if not (highlighter and pcall(vim.treesitter.start, view.new, highlighter.tree:lang())) then
      vim.bo[view.new].syntax = vim.bo[buf].syntax -- not 'filetype': nothing shall attach to it
    end
  end
  local lines, starts = hunks.applied(placed, api.nvim_buf_get_lines(buf, 0, -1, true))
  api.nvim_buf_set_lines(view.new, 0, -1, true, lines)
  api.nvim_buf_clear_namespace(view.new, WORDS, 0, -1)
  for i, hunk in ipairs(placed) do
    local old = api.nvim_buf_get_lines(buf, hunk.first, hunk.last, false)
    for row = starts[i], starts[i] + #hunk.lines - 1 do
      api.nvim_buf_set_extmark(view.new, WORDS, row, 0, { line_hl_group = 'FastApplyAdd' })
    end
    for from, to in pairs(words.pairs(old, hunk.lines)) do
      for _, change in ipairs((words.diff(old[from], hunk.lines[to]))) do
        local place = { end_col = change[4], hl_group = 'FastApplyAddText' }
        api.nvim_buf_set_extmark(view.new, WORDS, starts[i] + to - 1, change[3], place)
      end
    end
  end
  view.made, view.starts = made, starts
  return view.new, starts
end

local function close(window)
  if window and api.nvim_win_is_valid(window) then
    pcall(api.nvim_win_close, window, true)
  end
end

--- Open or move a floating window of ours.
local function float(window, buf, place)
  local options = vim.tbl_extend('force', { relative = 'win', focusable = false, zindex = ZINDEX }, place)
  if window and api.nvim_win_is_valid(window) and api.nvim_win_get_buf(window) == buf then
    api.nvim_win_set_config(window, options)
    return window
  end
  close(window)
  options.style, options.noautocmd, options.border = 'minimal', true, options.border or 'none'
  window = api.nvim_open_win(buf, false, options)
  vim.wo[window].wrap = false
  vim.wo[window].scrolloff = 0
  vim.wo[window].foldenable = false
  return window
end

--- Rows of the window, from 0, at which buffer rows begin and end on the screen; nil where they are not on it.
local function screen_rows(window, first, last)
  local top = vim.fn.win_screenpos(window)[1]
  local start = vim.fn.screenpos(window, first + 1, 1).row
  local stop = vim.fn.screenpos(window, last + 1, 1e9).row
  return start > 0 and start - top or nil, stop > 0 and stop - top or nil
end

local function widest(buf, first, count)
  local width = 0
  for _, line in ipairs(api.nvim_buf_get_lines(buf, first, first + count, false)) do
    width = math.max(width, vim.fn.strdisplaywidth(line))
  end
  return width
end

--- Where the new lines of a hunk go: beside the text where there is room, else over the lines below it, or above.
local function place_of(session, window, hunk, number)
  local buf, info = session.buf, vim.fn.getwininfo(window)[1]
  local anchor = math.min(hunks.anchor(hunk), api.nvim_buf_line_count(buf) - 1)
  local last = math.max(hunk.last - 1, anchor)
  local start, stop = screen_rows(window, anchor, last)
  if not start and not stop then
    return nil
  end
  local inserted = hunk.first == hunk.last
  local height = info.height - 1 -- the bar has one
  start, stop = start or 0, stop or height - 1
  local rows = math.min(#hunk.lines, math.max(height - 1, 1))
  local width = math.max(1, math.min(widest(session.view.new, session.view.starts[number], #hunk.lines), 400))
  local place = { win = window, height = rows, border = { '', '', '', '', '', '', '', { '▎', 'FastApplySignAdd' } } }
  local text = widest(buf, inserted and anchor + 1 or hunk.first, math.max(rows, last - anchor + 1))
  local beside = info.textoff + text + (text > 0 and 2 or 0)
  if not inserted then -- behind the label
    local label = api.nvim_strwidth(preview.label_of(hunk, 10, 10))
    beside = math.max(beside, info.textoff + widest(buf, anchor, 1) + label + 2)
  end
  local top = inserted and stop + 1 or start
  if beside + width + 1 <= info.width and top + rows <= height then
    place.row, place.col, place.width = top, beside, width
    return place
  end
  local cursor = vim.fn.screenpos(window, unpack(api.nvim_win_get_cursor(window))).row - vim.fn.win_screenpos(window)[1]
  local below, above = height - stop - 1, start
  local over_cursor = cursor > stop and cursor <= stop + rows
  if (rows > below or over_cursor) and above > below or (over_cursor and above >= rows) then
    place.height = math.min(rows, above)
    place.row = start - place.height
  else
    place.height = math.min(rows, math.max(below, 1))
    place.row = math.min(stop + 1, height - place.height)
  end
  place.col = math.max(info.textoff - 1, 0) -- its bar
  place.width = math.max(info.width - place.col - 1, 1)
  return place
end

local function show_block(session, window, placed, hunk, number)
  local view = session.view
  if not hunk or hunk.in_lines or #hunk.lines == 0 or api.nvim_get_mode().mode:match('^[iR]') then
    close(view.block)
    return 0
  end
  local new, starts = new_side(session, placed)
  local place = place_of(session, window, hunk, number)
  if not place then
    close(view.block)
    return 0
  end
  view.block = float(view.block, new, place)
  api.nvim_win_call(view.block, function()
    vim.fn.winrestview({ topline = starts[number] + 1, lnum = starts[number] + 1, col = 0, leftcol = 0 })
  end)
  return #hunk.lines - place.height
end

--- What the bar says, from left to right: { how important, text, highlight group, ... }.
local function pieces(session, placed, number, hidden)
  local found = {}
  local function text(weight, said)
    table.insert(found, { weight, said, 'FastApplyBar' })
  end
  local function key(weight, name, what)
    local mapped = config.values.keys[name]
    if mapped then
      table.insert(found, { weight, mapped, 'FastApplyKey', ' ' .. what, 'FastApplyBar' })
    end
  end
  text(1, session.name)
  if number then
    text(9, ('hunk %d of %d%s'):format(number, #placed, session.phase == 'open' and '' or ' (draft)'))
  end
  if session.phase ~= 'open' then
    text(8, session.said)
    key(7, 'cancel', 'cancel')
    text(6, session.source and ('(%s)'):format(session.source) or '')
    return found
  end
  key(8, 'accept', 'accept')
  key(8, 'reject', 'reject')
  if session.readings then
    key(7, 'other', 'other')
  end
  key(6, 'all', 'all')
  key(5, 'cancel', 'cancel')
  key(4, 'details', 'why')
  text(2, hidden > 0 and ('%d lines more'):format(hidden) or '')
  return found
end

--- Those pieces for which a row has room, as chunks of virtual text.
local function fitting(all, room)
  local function width(piece)
    return api.nvim_strwidth(piece[2] .. (piece[4] or ''))
  end
  local by_weight = vim.deepcopy(all)
  table.sort(by_weight, function(one, other)
    return one[1] > other[1]
  end)
  local least, left = 0, room + 2
  for _, piece in ipairs(by_weight) do
    left = left - width(piece) - 2
    least = left < 0 and math.max(least, piece[1]) or least
  end
  local chunks = {}
  for _, piece in ipairs(all) do
    if piece[1] > least and piece[2] ~= '' then
      local between = #chunks > 0 and '  ' or ''
      table.insert(chunks, { between .. piece[2], piece[3] })
      table.insert(chunks, piece[4] and { piece[4], piece[5] } or nil)
    end
  end
  return chunks
end

local function show_bar(session, window, placed, number, hidden)
  local view, info = session.view, vim.fn.getwininfo(window)[1]
  view.bar_buf = view.bar_buf and api.nvim_buf_is_valid(view.bar_buf) and view.bar_buf or scratch()
  local chunks = fitting(pieces(session, placed, number, hidden), info.width)
  api.nvim_buf_set_extmark(view.bar_buf, BAR, 0, 0, { id = 1, virt_text = chunks, virt_text_pos = 'overlay' })
  local cursor = vim.fn.screenpos(window, unpack(api.nvim_win_get_cursor(window))).row - vim.fn.win_screenpos(window)[1]
  local last = info.height - 1
  local row = cursor >= last and info.winbar or last
  local opened = not (view.bar and api.nvim_win_is_valid(view.bar))
  view.bar = float(view.bar, view.bar_buf, { win = window, row = row, col = 0, width = info.width, height = 1 })
  if opened then
    vim.wo[view.bar].winhighlight = 'NormalFloat:FastApplyBar,Normal:FastApplyBar'
  end
end

--- Show what the session is at, where its buffer is shown now.
function M.refresh(session)
  local view = session.view
  local window = api.nvim_buf_is_valid(session.buf) and M.window(session.buf)
  if session.phase == 'closed' or not window or vim.fn.getcmdwintype() ~= '' then
    return M.close(session)
  end
  local placed = preview.placed(session.buf, session.marks, session.deciding)
  local hunk, number = M.current(session.buf, placed)
  local hidden = show_block(session, window, placed, hunk, number)
  show_bar(session, window, placed, number, hidden)
  local shown = table.concat({ api.nvim_buf_get_changedtick(session.buf), #placed, tostring(view.drawn) }, ' ')
  if view.labelled ~= shown then
    preview.label(session.buf, placed)
    view.labelled = shown
  end
end

--- Take everything away. It comes back with the next `refresh`.
function M.close(session)
  local view = session.view
  close(view.block)
  close(view.bar)
  for _, buf in ipairs({ view.new, view.bar_buf }) do
    pcall(api.nvim_buf_delete, buf, { force = true })
  end
  session.view = {}
end

return M
