-- The public face: what commands and mappings call, and `require('fastapply')` offers. See |fastapply-lua|.

local version = require('fastapply.version')

local M = {}

if not version.supported() then
  -- A user's configuration calls setup() before anything can stop it.
  M.setup = version.check
  return M
end

local config = require('fastapply.config')
local details = require('fastapply.details')
local groups = require('fastapply.group')
local hunks = require('fastapply.hunks')
local preview = require('fastapply.preview')
local sessions = require('fastapply.sessions')
local tell = require('fastapply.tell')
local update = require('fastapply.update')
local view = require('fastapply.view')

local api = vim.api

local group = api.nvim_create_augroup('fastapply', {})
preview.highlights()
api.nvim_create_autocmd('ColorScheme', { group = group, callback = preview.highlights })
api.nvim_create_autocmd('BufFilePre', {
  group = group,
  callback = function(event)
    sessions.before_rename(event.buf)
  end,
})

-- What is laid over the text follows the cursor and the windows.
local due = false
local function refresh()
  if due or #sessions.all() == 0 then
    return
  end
  due = true
  vim.schedule(function()
    due = false
    for _, session in ipairs(sessions.all()) do
      view.refresh(session)
    end
  end)
end
api.nvim_create_autocmd({
  'CursorMoved',
  'TextChanged',
  'ModeChanged',
  'WinScrolled',
  'WinEnter',
  'WinClosed',
  'BufWinEnter',
  'TabEnter',
}, { group = group, callback = refresh })
api.nvim_create_autocmd({ 'VimResized', 'WinResized' }, {
  group = group,
  callback = function()
    for _, session in ipairs(sessions.all()) do
      sessions.redraw(session, function()
        return true
      end)
    end
    refresh()
  end,
})

--- Take the user's options; not needed where the defaults do. See |fastapply-config|.
function M.setup(options)
  vim.cmd.runtime('plugin/fastapply.lua') -- managers that add this folder late do not source it
  for _, complaint in ipairs(config.set(options or {})) do
    tell.warn('%s', complaint)
  end
  require('fastapply.client').configure()
end

local function resolve(buf)
  return (buf == nil or buf == 0) and api.nvim_get_current_buf() or buf
end

--- The files of one update, each with a preview of its own; one list and one undo for all of them. `left_out`: the
--- first line of each other code block.
local function apply_files(files, left_out, options)
  local group_of_files = groups.new(options.source, true)
  for _, file in ipairs(files) do
    if file.action == 'update' or file.action == 'add' then
      local buf = vim.fn.bufadd(vim.uri_to_fname(file.uri))
      vim.fn.bufload(buf)
      vim.bo[buf].buflisted = true
      sessions.apply(buf, file.update, group_of_files, { source = options.source, instruction = options.instruction })
    else
      table.insert(group_of_files.notes, ('%s: not done here: %s'):format(file.path, file.action))
    end
  end
  for _, command in ipairs(left_out) do
    table.insert(group_of_files.notes, ('left out: `%s`'):format(command))
  end
  group_of_files.whole = true
  group_of_files:changed()
end

--- Apply an update to a buffer, or to the files that it names if these are several: a preview comes. Whether the
--- rewrite was begun.
---@param options { update: string, buf?: integer, instruction?: string, range?: [integer, integer], source?: string }
function M.apply(options)
  local more = vim.tbl_extend('force', options, {
    several = function(files, left_out)
      apply_files(files, left_out, options)
    end,
  })
  return sessions.apply(resolve(options.buf), options.update, groups.new(options.source), more)
end

--- `why`: what the text is for a person, or why there is none.
local function apply_or_tell(text, why, options)
  if not text then
    return tell.warn('%s', why)
  end
  M.apply(vim.tbl_extend('force', options, { update = text, source = why }))
end

--- `:[range]FastApply[!] [register or buffer]`
function M.command(command)
  local here = api.nvim_get_current_buf()
  if command.range > 0 and not command.bang then
    local buf, missing
    if command.args ~= '' then
      buf = vim.fn.bufnr(command.args)
      missing = ('no buffer matches `%s`'):format(command.args)
      buf = buf > 0 and buf or nil
    else
      buf, missing = update.target(here)
    end
    if not buf then
      return tell.warn('%s', missing)
    end
    local text, why = update.lines(api.nvim_buf_get_lines(here, command.line1 - 1, command.line2, true))
    return apply_or_tell(text, why, { buf = buf })
  end
  local text, why = update.register(command.args ~= '' and command.args or config.values.register)
  local range = command.range > 0 and { command.line1 - 1, command.line2 } or nil
  apply_or_tell(text, why, { buf = here, range = range })
end

local operators = {}
local operator_register

--- For an expression mapping: begin an operator of this name.
function M.start_operator(name)
  operator_register = vim.v.register
  vim.o.operatorfunc = ("v:lua.require'fastapply'.operate_%s"):format(name)
  return 'g@'
end

function operators.update(kind)
  local here = api.nvim_get_current_buf()
  local kinds = { char = 'v', line = 'V', block = '\22' }
  local region = vim.fn.getregion(vim.fn.getpos("'["), vim.fn.getpos("']"), { type = kinds[kind] })
  local buf, missing = update.target(here)
  if not buf then
    return tell.warn('%s', missing)
  end
  local text, why = update.lines(region)
  apply_or_tell(text, why, { buf = buf })
end

function operators.within()
  local text, why = update.register(operator_register)
  local first, last = api.nvim_buf_get_mark(0, '[')[1], api.nvim_buf_get_mark(0, ']')[1]
  apply_or_tell(text, why, { buf = api.nvim_get_current_buf(), range = { first - 1, last } })
end

M.operate_update = operators.update
M.operate_within = operators.within

--- Put the cursor on a hunk of a session, in the window that shows it; opens one if there is none.
local function go_to(session, hunk)
  local window = view.open(session.buf)
  api.nvim_win_call(window, function()
    vim.cmd.normal({ "m'", bang = true }) -- so that '' goes back
    local line = math.min(hunks.anchor(hunk) + 1, api.nvim_buf_line_count(session.buf))
    api.nvim_win_set_cursor(window, { line, 0 })
    vim.cmd.normal({ 'zv', bang = true }) -- out of closed folds
  end)
  view.refresh(session)
  return window
end

--- After a decision: the next hunk of the file, else the first of the next file, else the end.
local function go_on(session, row)
  for _, hunk in ipairs(sessions.hunks(session.buf)) do
    if hunks.anchor(hunk) >= row then
      return go_to(session, hunk)
    end
  end
  local open = session.group:open()
  for _, other in ipairs({ session, unpack(open) }) do
    local first = sessions.hunks(other.buf)[1]
    if first then
      local from = api.nvim_get_current_win()
      local window = go_to(other, first)
      if vim.bo[api.nvim_win_get_buf(from)].buftype ~= 'quickfix' then
        api.nvim_set_current_win(window)
      end
      return
    end
  end
  if #open == 0 then
    local decided = session.group.decided
    local back = decided.accept > 0 and '; :FastApplyUndo takes it back' or ''
    tell.info('%d accepted, %d rejected%s', decided.accept, decided.reject, back)
  end
end

local function decide(verb, options)
  options = options or {}
  local session, row = sessions.meant(options.buf)
  if not session then
    return
  end
  for _, each in ipairs(options.files and session.group:open() or { session }) do
    local chosen = sessions.hunks(each.buf)
    local from = 0
    if not (options.all or options.files) then
      local hunk, number, seen = view.current(each.buf, chosen)
      if row then
        hunk, seen = hunks.nearest(chosen, row), true
      end
      if not hunk then
        return tell.warn('%s: there is no hunk', each.name)
      elseif not seen then
        go_to(each, hunk)
        local line = hunks.anchor(hunk) + 1
        return tell.warn('%s:%d: hunk %d of %d: again to %s it', each.name, line, number, #chosen, verb)
      end
      chosen, from = { hunk }, hunks.anchor(hunk)
    end
    sessions.decide(verb, each, chosen, function()
      each.group.decided[verb] = each.group.decided[verb] + #chosen
      go_on(each, from)
    end)
  end
end

--- Accept the hunk under the cursor, else the nearest on the screen; `all` of the file; or all of all `files`.
---@param options? { all?: boolean, files?: boolean, buf?: integer }
function M.accept(options)
  decide('accept', options)
end

--- Reject as `accept` accepts.
---@param options? { all?: boolean, files?: boolean, buf?: integer }
function M.reject(options)
  decide('reject', options)
end

--- Show another reading of a doubtful update: the one of this number, else the next.
function M.reading(number)
  local session = sessions.meant()
  if session then
    sessions.read(session, number)
  end
end

--- Say in a float what is in doubt, what else the update may mean, and why lines go.
function M.details()
  local said = tell.last
  local session = (#sessions.all() > 0 or not said) and sessions.meant() or nil
  if not session and said then
    details.open_message(said)
  elseif session and session.answer then
    details.open(session, (view.current(session.buf, sessions.hunks(session.buf))))
  elseif session then
    tell.info('%s: %s%s', session.name, session.said, session.source and (' (%s)'):format(session.source) or '')
  end
end

--- Take back what the last update has written, in all of its files.
M.undo = groups.undo

--- Stop the rewrite of a buffer, or of all files of its update, and take the preview away.
function M.cancel(buf)
  local session = sessions.meant(buf and resolve(buf))
  for _, each in ipairs(session and vim.list_slice(session.group.sessions) or {}) do
    if each.phase ~= 'closed' then
      sessions.cancel(each)
    end
  end
  if session then
    tell.info('%s: cancelled', session.name)
  end
end

--- Go to the hunk `count` further down; negative: up. Past the last one of a file: to the next file of the update.
function M.jump(count)
  local session = sessions.meant()
  if not session then
    return
  end
  local window = view.open(session.buf)
  local row = api.nvim_win_get_cursor(window)[1] - 1
  local found, around = hunks.from(sessions.hunks(session.buf), row, count)
  local open = session.group:open()
  if found and around and #open > 1 then
    local at = 1
    for i, each in ipairs(open) do
      at = each == session and i or at
    end
    session = open[(at - 1 + (count > 0 and 1 or -1)) % #open + 1]
    local others = sessions.hunks(session.buf)
    found = others[count > 0 and 1 or #others]
    window = view.open(session.buf)
  end
  if not found then
    return tell.warn('%s: no hunk to go to', session.name)
  end
  go_to(session, found)
  api.nvim_set_current_win(window)
end

--- For status lines: `phase` (`starting`, `running`, `open`) and the number of `hunks`; nil without a rewrite.
function M.status(buf)
  buf = resolve(buf)
  local session = sessions.of(buf)
  return session and { phase = session.phase, hunks = #sessions.hunks(buf) } or nil
end

return M
