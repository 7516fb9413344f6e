-- What is shown of a rewrite: extmarks and nothing else, so that the buffer, its undo tree and 'modified' stay as they
-- are.

local config = require('fastapply.config')
local hunks = require('fastapply.hunks')

local M = {}

local api = vim.api
local HUNKS = api.nvim_create_namespace('fastapply.hunks')
local SHOWN = api.nvim_create_namespace('fastapply.shown')
local PROGRESS = api.nvim_create_namespace('fastapply.progress')

local GROUPS = {
  FastApplyAdd = 'DiffAdd',
  FastApplyDelete = 'DiffDelete',
  FastApplySignAdd = 'Added',
  FastApplySignChange = 'Changed',
  FastApplySignDelete = 'Removed',
  FastApplyProgress = 'Comment',
}

--- Highlight groups, where the user or the colour scheme has not set them.
function M.highlights()
  for name, link in pairs(GROUPS) do
    api.nvim_set_hl(0, name, { link = link, default = true })
  end
end

--- A line as the screen shows it: virtual text knows no tabs and no control characters.
local function visible(line)
  local parts, width = {}, 0
  for text, tab in line:gmatch('([^\t]*)(\t?)') do
    local shown = vim.fn.strtrans(text)
    width = width + vim.fn.strdisplaywidth(shown, width)
    if tab ~= '' then
      local step = vim.fn.strdisplaywidth('\t', width)
      shown, width = shown .. (' '):rep(step), width + step
    end
    table.insert(parts, shown)
  end
  return table.concat(parts)
end

local function virtual_lines(lines)
  local shown, widest = {}, 0
  for i, line in ipairs(lines) do
    shown[i] = visible(line)
    widest = math.max(widest, api.nvim_strwidth(shown[i]))
  end
  return vim.tbl_map(function(text) -- a block of one width is easier on the eye than a ragged one
    return { { text .. (' '):rep(widest + 1 - api.nvim_strwidth(text)), 'FastApplyAdd' } }
  end, shown)
end

local function sign(hunk)
  if hunk.first == hunk.last then
    return config.values.signs.add, 'FastApplySignAdd'
  elseif #hunk.lines == 0 then
    return config.values.signs.delete, 'FastApplySignDelete'
  end
  return config.values.signs.change, 'FastApplySignChange'
end

local function place_one(buf, hunk)
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
  local text, group = sign(hunk)
  for row = first, last - 1 do
    api.nvim_buf_set_extmark(buf, SHOWN, row, 0, {
      end_row = row + 1,
      end_col = 0,
      strict = false,
      hl_group = 'FastApplyDelete',
      hl_eol = true,
      priority = 200, -- above syntax and diagnostics
    })
    -- By itself: a sign stands on each line that its mark touches, and the one above ends where the next line begins.
    api.nvim_buf_set_extmark(buf, SHOWN, row, 0, { sign_text = text, sign_hl_group = group, priority = 200 })
  end
  if #hunk.lines > 0 then
    local anchor = last > first and last - 1 or math.max(first - 1, 0)
    api.nvim_buf_set_extmark(buf, SHOWN, anchor, 0, {
      virt_lines = virtual_lines(hunk.lines),
      virt_lines_above = last == 0,
      virt_lines_overflow = 'scroll',
      sign_text = first == last and text or nil,
      sign_hl_group = first == last and group or nil,
      right_gravity = false,
    })
  end
  return mark
end

--- Lines above the first one show only in windows that are told to leave room for them.
local function make_room(buf, lines)
  for _, window in ipairs(vim.fn.win_findbuf(buf)) do
    api.nvim_win_call(window, function()
      local view = vim.fn.winsaveview()
      if view.topline == 1 then
        vim.fn.winrestview({ topfill = lines })
      end
    end)
  end
end

--- Show hunks beside those that are shown already. `marks`: hunks by extmark, which is added to.
function M.add(buf, marks, more)
  api.nvim_buf_call(buf, function() -- tabs are as wide as this buffer has them
    for _, hunk in ipairs(more) do
      marks[place_one(buf, hunk)] = hunk
      if hunk.last == 0 then
        make_room(buf, #hunk.lines)
      end
    end
  end)
end

--- Take all hunks away.
function M.clear_hunks(buf)
  if api.nvim_buf_is_valid(buf) then
    api.nvim_buf_clear_namespace(buf, HUNKS, 0, -1)
    api.nvim_buf_clear_namespace(buf, SHOWN, 0, -1)
  end
end

--- The hunks of `marks` where they are now, first to last.
function M.placed(buf, marks)
  local found = {}
  for _, mark in ipairs(api.nvim_buf_get_extmarks(buf, HUNKS, 0, -1, { details = true })) do
    local hunk = marks[mark[1]]
    if hunk then
      local last = math.max(mark[4].end_row or mark[2], mark[2])
      table.insert(found, vim.tbl_extend('force', hunk, { first = mark[2], last = last }))
    end
  end
  return found
end

--- One line of text below a row. It stays with the row.
function M.progress(buf, row, text)
  if not api.nvim_buf_is_valid(buf) then
    return
  end
  local before = api.nvim_buf_get_extmark_by_id(buf, PROGRESS, 1, {})
  row = math.min(before[1] or row, api.nvim_buf_line_count(buf) - 1)
  api.nvim_buf_set_extmark(buf, PROGRESS, row, 0, {
    id = 1,
    virt_lines = { { { text, 'FastApplyProgress' } } },
    virt_lines_overflow = 'scroll',
    priority = 50, -- above the added lines of a hunk that ends here
  })
end

function M.clear_progress(buf)
  if api.nvim_buf_is_valid(buf) then
    api.nvim_buf_clear_namespace(buf, PROGRESS, 0, -1)
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
