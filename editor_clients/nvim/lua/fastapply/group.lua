-- The files of one update: told of in one message, listed hunk by hunk in the quickfix list, undone together. Most
-- groups have one file.

local hunks = require('fastapply.hunks')
local preview = require('fastapply.preview')
local tell = require('fastapply.tell')

local M = {}

local api = vim.api
local LIST_ROWS = 8

---@class fastapply.Group
---@field sessions fastapply.Session[] in the update's order
---@field source? string what was taken as the update, for a person
---@field several boolean whether the update is for several files
---@field notes string[] what of the update is not done here
---@field whole boolean all files are there
---@field told? boolean
---@field list? integer the quickfix list's id
---@field undo table<integer, { before: integer, after: integer, mixed?: boolean }> by buffer: undo sequence numbers
---@field decided { accept: integer, reject: integer }
local Group = {}
Group.__index = Group

local written ---@type fastapply.Group? the last one that has written something

function M.new(source, several)
  return setmetatable({
    sessions = {},
    source = source,
    several = several or false,
    notes = {},
    whole = not several,
    undo = {},
    decided = { accept = 0, reject = 0 },
  }, Group)
end

function Group:add(session)
  table.insert(self.sessions, session)
end

--- Those that wait to be decided, in order.
function Group:open()
  return vim.tbl_filter(function(session)
    return session.phase == 'open'
  end, self.sessions)
end

local function placed(session)
  return session.phase == 'open' and preview.placed(session.buf, session.marks, session.deciding) or {}
end

--- A session has moved on: tell the end of all of them once, and keep the list of hunks.
function Group:changed()
  for _, session in ipairs(self.sessions) do
    if session.phase == 'starting' or session.phase == 'running' then
      return
    end
  end
  if not self.whole then
    return
  elseif not self.told then
    self.told = true
    self:tell()
  end
  self:show_list()
end

--- ` (register ", 12 lines)`
local function from(source)
  return source and (' (%s)'):format(source) or ''
end

local function about(session, source)
  local found = placed(session)
  local counted = #found == 1 and '1 hunk' or ('%d hunks'):format(#found)
  local line = found[1] and hunks.anchor(found[1]) + 1 or 1
  local more = session.doubtful and ' to review: g? says why' or ''
  if session.answer.model.state == 'failed' then
    more = more .. ', by alignment alone'
  elseif session.changed_by_model and session.changed_by_model > 0 then
    more = more .. (', %d changed by the model'):format(session.changed_by_model)
  end
  return ('%s:%d: %s%s%s'):format(session.name, line, counted, more, from(source))
end

--- One message, however many files there are.
function Group:tell()
  local open, failed, count, doubtful = self:open(), {}, 0, {}
  for _, session in ipairs(self.sessions) do
    count = count + #placed(session)
    if session.failure then
      table.insert(failed, session.failure)
    elseif session.phase == 'open' and session.doubtful then
      table.insert(doubtful, session.name)
    end
  end
  if not self.several then
    if #open > 0 then
      local say = #doubtful > 0 and tell.warn or tell.info
      return say('%s', about(open[1], self.source))
    elseif #failed > 0 then
      return tell.warn('%s', failed[1])
    end
    return
  end
  local parts = { ('%d files, %d hunks'):format(#open, count) }
  if #doubtful > 0 then
    table.insert(parts, 'to review: ' .. table.concat(doubtful, ', '))
  end
  vim.list_extend(parts, failed)
  vim.list_extend(parts, self.notes)
  local say = #parts > 1 and tell.warn or tell.info
  say('%s', table.concat(parts, '; ') .. from(self.source))
end

local function entries(session)
  local found = {}
  local hunks_of = placed(session)
  for i, hunk in ipairs(hunks_of) do
    local row = hunks.anchor(hunk)
    local shown = hunk.lines[1] or api.nvim_buf_get_lines(session.buf, row, row + 1, false)[1] or ''
    table.insert(found, {
      bufnr = session.buf,
      lnum = row + 1,
      end_lnum = math.max(hunk.last, row + 1),
      type = session.doubtful and 'W' or '',
      text = ('hunk %d of %d · %s · %s'):format(i, #hunks_of, hunks.size(hunk), vim.trim(shown)),
    })
  end
  if session.failure and api.nvim_buf_is_valid(session.buf) then
    table.insert(found, { bufnr = session.buf, lnum = 1, type = 'E', text = session.failure })
  end
  return found
end

--- The open hunks of all files as one quickfix list; it opens by itself where there are several files.
function Group:show_list()
  local items = {}
  for _, session in ipairs(self.sessions) do
    vim.list_extend(items, entries(session))
  end
  for _, note in ipairs(self.notes) do
    table.insert(items, { text = note, type = 'W' })
  end
  local title = 'fastapply' .. (self.source and (': ' .. self.source) or '')
  if self.list then
    local at = vim.fn.getqflist({ id = self.list, idx = 0 }).idx
    vim.fn.setqflist({}, 'r', { id = self.list, items = items, idx = math.min(at, #items) })
  elseif #self:open() > 0 then
    vim.fn.setqflist({}, ' ', { title = title, items = items })
    self.list = vim.fn.getqflist({ id = 0 }).id
    if self.several then
      local window = api.nvim_get_current_win()
      vim.cmd(('botright copen %d'):format(math.min(#items, LIST_ROWS)))
      api.nvim_set_current_win(window)
    end
  end
end

local function sequence(buf)
  return api.nvim_buf_call(buf, vim.fn.undotree).seq_cur
end

function Group:before_write(buf)
  local record = self.undo[buf]
  if not record then
    self.undo[buf] = { before = sequence(buf) }
  elseif record.after ~= sequence(buf) then
    record.mixed = true -- something was typed between two accepts
  end
end

function Group:after_write(buf)
  self.undo[buf].after = sequence(buf)
  written = self
end

--- Take back what the last update has written, in all of its files or in none.
function M.undo()
  local names, changed = {}, {}
  for buf, record in pairs(written and written.undo or {}) do
    if api.nvim_buf_is_loaded(buf) then
      local there = not record.mixed and sequence(buf) == record.after
      table.insert(there and names or changed, vim.fs.basename(api.nvim_buf_get_name(buf)))
    end
  end
  if #changed > 0 then
    return tell.warn('nothing was undone: %s changed since; u undoes one step', table.concat(changed, ', '))
  elseif #names == 0 then
    return tell.warn('there is nothing to undo')
  end
  for buf, record in pairs(written.undo) do
    if api.nvim_buf_is_loaded(buf) then
      api.nvim_buf_call(buf, function()
        vim.cmd(('silent undo %d'):format(record.before))
      end)
    end
  end
  written = nil
  table.sort(names)
  tell.info('undone: %s', table.concat(names, ', '))
end

return M
