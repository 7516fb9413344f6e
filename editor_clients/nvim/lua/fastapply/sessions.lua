-- Rewrites: at most one for each buffer, from the request until its last hunk is decided. The server keeps the truth;
-- what is here follows it, and follows the buffer until the server has caught up.
--
-- phase: `starting` (no server yet), `running`, `open` (hunks wait to be decided), `closed`.

local client = require('fastapply.client')
local documents = require('fastapply.documents')
local hunks = require('fastapply.hunks')
local keys = require('fastapply.keys')
local preview = require('fastapply.preview')
local tell = require('fastapply.tell')
local view = require('fastapply.view')

local M = {}

local api = vim.api
local REQUEST_CANCELLED, SERVER_CANCELLED = -32800, -32802

---@class fastapply.Session
---@field buf integer
---@field name string of the file, for a person
---@field phase string
---@field said string how far it is
---@field source? string what was taken as the update, for a person
---@field token string of its progress; partial results have `token .. '.hunks'`
---@field client? vim.lsp.Client
---@field id? string the server's name for it, known from its answer on
---@field marks table<integer, table> hunks by extmark
---@field deciding table<string, true> hunks that are being accepted or rejected
---@field changes table[] of the buffer since the request
---@field drafts? table<string, true> hunks that the alignment alone proposed, by id
---@field answer? table of the server
---@field doubtful? boolean
---@field reading integer which one is shown
---@field readings? table[] from the answer on, where there are others
---@field group fastapply.Group the files of one update
---@field view fastapply.View

local of_buffer = {} ---@type table<integer, fastapply.Session>
local latest ---@type fastapply.Session?
local count = 0

--- A session has changed: show it. The group has the list of hunks.
local function changed(session)
  view.refresh(session)
  session.group:changed(session)
end

--- Take the session's preview away. It says and shows nothing from then on.
local function close(session)
  if session.phase == 'closed' then
    return
  end
  session.phase = 'closed'
  view.close(session)
  if of_buffer[session.buf] == session then
    of_buffer[session.buf] = nil
    preview.clear(session.buf)
    keys.remove(session.buf)
  end
  session.group:changed(session)
end

--- Follow the buffer: changes re-base what the server says of an older version.
local function watch(session)
  api.nvim_buf_attach(session.buf, false, {
    on_lines = function(_, _, tick, first, last, new_last)
      if session.phase == 'closed' then
        return true
      end
      table.insert(session.changes, { tick = tick, first = first, last = last, grown = new_last - last })
    end,
    on_reload = function()
      close(session) -- the server hears of it as of a new document
      return true
    end,
    on_detach = function()
      close(session)
    end,
  })
end

--- Hunks of the server on the buffer as it is now; those that were typed over are left out, as the server will say.
local function current(session, said)
  local found = {}
  for _, one in ipairs(said) do
    local hunk = hunks.from_server(one, vim.bo[session.buf].fileformat)
    for _, change in ipairs(session.changes) do
      hunk = hunk and hunks.rebase(hunk, change)
    end
    table.insert(found, hunk)
  end
  return found
end

--- Drafts stay below what has settled; what has settled stays.
local function still_there(hunk, settled)
  for _, one in ipairs(settled) do
    if hunk.draft and (hunk.id == one.id or hunk.first < one.last) then
      return false
    end
  end
  return true
end

--- Put hunks that the server sent of a version in place of those that are shown. `beside`: of drafts only, and of those
--- only the ones that they are not the truth of yet.
local function show(session, said, version, beside)
  session.changes = vim.tbl_filter(function(change)
    return change.tick > version -- the server will say nothing of older versions any more
  end, session.changes)
  local found = current(session, said)
  if not beside or session.drafts then
    M.redraw(session, function(hunk)
      return beside and still_there(hunk, found)
    end)
  end
  preview.add(session.buf, session.marks, found)
  changed(session)
end

--- Draw the hunks again, but for those that `keep` does not want.
function M.redraw(session, keep)
  local kept = vim.tbl_filter(keep, preview.placed(session.buf, session.marks))
  preview.clear(session.buf)
  session.marks, session.view.labelled = {}, nil
  preview.add(session.buf, session.marks, kept)
end

--- Why a buffer cannot be rewritten, or nil.
local function refusal(buf)
  if not api.nvim_buf_is_loaded(buf) then
    return 'the buffer is not loaded'
  end
  local name = M.name(buf)
  if not vim.bo[buf].modifiable then
    return ("%s cannot be changed: 'modifiable' is off"):format(name)
  elseif vim.bo[buf].readonly then
    return ('%s is read-only: `:set noreadonly` if you mean it'):format(name)
  end
end

function M.name(buf)
  local name = vim.fs.basename(api.nvim_buf_get_name(buf))
  return name ~= '' and name or 'the buffer'
end

--- How many of the hunks the model changed that the alignment alone had proposed; nil where it proposed none.
local function model_changed(session, answer)
  if not session.drafts then
    return nil
  end
  local new, left = 0, vim.deepcopy(session.drafts)
  for _, hunk in ipairs(answer.hunks) do
    new = new + (session.drafts[hunk.id] and 0 or 1)
    left[hunk.id] = nil
  end
  return math.max(new, vim.tbl_count(left))
end

local function finished(session, answer)
  session.answer, session.id = answer, answer.session
  session.doubtful = answer.status == 'needs_review'
  session.changed_by_model = model_changed(session, answer)
  if answer.status == 'rejected' then
    session.failure = ('%s: does not fit: %s'):format(session.name, answer.failureReason)
    return close(session)
  elseif #answer.hunks == 0 then
    session.failure = ('%s: nothing to change'):format(session.name)
    return close(session)
  end
  session.phase = 'open'
  if #answer.alternatives > 0 then
    session.readings = vim.list_extend({ { number = 1, diff = '' } }, answer.alternatives)
  end
  show(session, answer.hunks, answer.version)
end

local function answered(session, err, answer)
  if session.phase == 'closed' then
    return -- cancelled, superseded or closed here already
  elseif not err then
    return finished(session, answer)
  end
  if err.code == REQUEST_CANCELLED then
    session.failure = ('%s: cancelled'):format(session.name)
  elseif err.code ~= SERVER_CANCELLED then
    session.failure = ('%s: %s'):format(session.name, err.message)
  end
  close(session)
end

local function request(session, update, options)
  local range = options.range
    and {
      start = { line = options.range[1], character = 0 },
      ['end'] = { line = options.range[2], character = 0 },
    }
  client.request(session.client, 'fastapply/apply', session.buf, {
    update = update,
    instruction = options.instruction,
    range = range,
    mode = 'preview',
    workDoneToken = session.token,
    partialResultToken = session.token .. '.hunks',
  }, function(err, answer)
    answered(session, err, answer)
  end)
end

--- Rewrite a buffer by an update. `group`: of the files of one update. `options`: `source` (what was taken, for a
--- person), `instruction`, `range` (rows, half-open: only they are rewritten), `several` (called with the files instead
--- where the update is for several). Whether it was begun.
function M.apply(buf, update, group, options)
  local why = refusal(buf)
  if why then
    tell.warn('%s', why)
    return false
  end
  if of_buffer[buf] then
    close(of_buffer[buf]) -- the server does the same when the new request arrives
  end
  count = count + 1
  local session = {
    buf = buf,
    name = M.name(buf),
    phase = 'starting',
    said = 'starting the server',
    source = options.source,
    token = ('fastapply.%d.%d'):format(vim.fn.getpid(), count),
    marks = {},
    deciding = {},
    changes = {},
    reading = 1,
    group = group,
    view = {},
  }
  of_buffer[buf], latest = session, session
  group:add(session)
  watch(session)
  keys.add(buf)
  changed(session)
  client.with(buf, function(server, failure)
    if session.phase == 'closed' then
      return
    elseif not server then
      session.failure = failure
      return close(session)
    end
    session.client, session.phase, session.said = server, 'running', '0 %'
    view.refresh(session)
    if options.several and not options.range then -- answered first, and both are of the text as it is now
      client.request(server, 'fastapply/files', buf, { update = update }, function(err, answer)
        if session.phase == 'closed' or not err and #answer.files == 0 then
          return
        end
        session.failure = err and ('%s: %s'):format(session.name, err.message)
        M.cancel(session)
        if not err then
          options.several(answer.files, answer.leftOut or {})
        end
      end)
    end
    request(session, update, options)
  end)
  return true
end

function M.all()
  return vim.tbl_values(of_buffer)
end

function M.of(buf)
  return of_buffer[buf]
end

--- The session that a command means: of the buffer; of the entry in a list of hunks; of another window of this tab
--- page; else the latest. Nil, after saying so, if there is none. And the row, where an entry says it.
function M.meant(buf)
  local here = buf or api.nvim_get_current_buf()
  if of_buffer[here] then
    return of_buffer[here]
  end
  if not buf and vim.bo[here].buftype == 'quickfix' then
    local entry = vim.fn.getqflist()[vim.fn.line('.')]
    if entry and of_buffer[entry.bufnr] then
      return of_buffer[entry.bufnr], entry.lnum - 1
    end
  end
  for _, window in ipairs(buf and {} or api.nvim_tabpage_list_wins(0)) do
    local session = of_buffer[api.nvim_win_get_buf(window)]
    if session then
      return session
    end
  end
  local known = not buf and latest and of_buffer[latest.buf] or not buf and M.all()[1] or nil
  if not known then
    tell.warn(buf and 'this buffer has no preview' or 'there is no preview')
  end
  return known
end

--- Hunks of a buffer that wait to be decided, where they are now.
function M.hunks(buf)
  local session = of_buffer[buf]
  return session and preview.placed(buf, session.marks, session.deciding) or {}
end

--- Whether hunks of a session can be decided; says why not.
local function is_open(session)
  if session.phase ~= 'open' then
    tell.warn('%s: the rewrite still runs: wait for it, or :FastApplyCancel', session.name)
  end
  return session.phase == 'open'
end

--- Accept or reject these hunks: `verb`. `done` is called once they are decided.
function M.decide(verb, session, chosen, done)
  local why = verb == 'accept' and refusal(session.buf)
  if not is_open(session) then
    return
  elseif why then
    return tell.warn('%s', why)
  end
  local ids = vim.tbl_map(function(hunk)
    return hunk.id
  end, chosen)
  for _, id in ipairs(ids) do
    session.deciding[id] = true
  end
  client.request(session.client, 'fastapply/' .. verb, session.buf, { hunks = ids }, function(err, answer)
    for _, id in ipairs(ids) do
      session.deciding[id] = nil
    end
    view.refresh(session)
    if err then
      tell.warn('%s: %s', session.name, err.message)
    elseif verb == 'accept' and not answer.applied then
      tell.warn('%s: not applied: %s', session.name, answer.failureReason)
    else
      done()
    end
  end)
end

--- Show another reading: the one of this number, else the next one.
function M.read(session, number)
  if not is_open(session) then
    return
  elseif not session.readings then
    return tell.warn('%s: this update has no other reading', session.name)
  end
  local places = {}
  for i, reading in ipairs(session.readings) do
    places[reading.number] = i
  end
  local at = (places[session.reading] or 1) % #session.readings + 1
  number = number or session.readings[at].number
  client.request(session.client, 'fastapply/readings', session.buf, { take = number }, function(err, answer)
    if err then
      return tell.warn('%s: %s', session.name, err.message)
    end
    session.reading = answer.reading
    changed(session)
    tell.info('%s: reading %d of %d, %s', session.name, answer.reading, #answer.readings, M.counted(#answer.hunks))
  end)
end

function M.counted(number)
  return number == 1 and '1 hunk' or ('%d hunks'):format(number)
end

--- Stop what goes on in a session and take its preview away.
function M.cancel(session)
  close(session)
  if session.client and not session.client:is_stopped() then
    client.request(session.client, 'fastapply/cancel', session.buf, {}, function() end)
  end
end

-- What the server says

local function by_token(token)
  for _, session in pairs(of_buffer) do
    if token == session.token then
      return session, 'work'
    elseif token == session.token .. '.hunks' then
      return session, 'hunks'
    end
  end
end

local function partial(session, value)
  if value.draft then
    session.drafts = {}
    for _, hunk in ipairs(value.hunks) do
      session.drafts[hunk.id] = true
    end
  end
  show(session, value.hunks, value.version, not value.draft)
  for _, hunk in pairs(value.draft and session.marks or {}) do
    hunk.draft = true
  end
end

--- `$/progress`: of the work, and partial results.
function M.on_progress(err, params, context)
  local session, kind = by_token(params.token)
  if tostring(params.token):match('^fastapply%..*%.hunks$') then
    if session and session.phase == 'running' then
      partial(session, params.value)
    end
    return
  elseif kind == 'work' and session.phase == 'running' and params.value.kind ~= 'end' then
    local percentage = params.value.percentage or 0
    local parts = { params.value.message, percentage > 0 and ('%d %%'):format(percentage) or nil }
    session.said = table.concat(vim.tbl_values(parts), ' · ')
    view.refresh(session)
  end
  vim.lsp.handlers['$/progress'](err, params, context) -- for the status lines of others
end

--- `fastapply/preview`: `change` and `close` of open sessions. What comes before is in partial results and the answer.
function M.on_preview(_, params)
  for _, session in pairs(of_buffer) do
    if session.id == params.session then
      if params.kind == 'change' then
        show(session, params.hunks, params.textDocument.version)
      elseif params.kind == 'close' then
        close(session)
      end
      return
    end
  end
end

--- `workspace/applyEdit`: Neovim's own handler says yes to edits of an older version, and drops them.
function M.on_edit(_, params, context)
  local server = assert(vim.lsp.get_client_by_id(context.client_id))
  local change = params.edit.documentChanges[1]
  local buf, version = documents.find(server, change.textDocument.uri)
  local why = not buf and 'the buffer was closed' or refusal(buf)
  if not why and version ~= change.textDocument.version then
    why = 'the buffer has changed meanwhile'
  end
  if why then
    return { applied = false, failureReason = why }
  end
  local sorted = vim.tbl_map(function(edit)
    return hunks.from_server(edit, vim.bo[buf].fileformat)
  end, change.edits)
  local session = of_buffer[buf]
  if session then -- what is written is no longer a preview; the server tells of the others in a moment
    M.redraw(session, function(hunk)
      return not session.deciding[hunk.id]
    end)
    session.group:before_write(buf)
  end
  preview.write(buf, sorted)
  if session then
    session.group:after_write(buf)
    view.refresh(session)
  end
  return { applied = true }
end

--- The server has ended, by itself or not: previews would never be decided.
function M.on_exit(code, signal, id)
  vim.schedule(function()
    local lost = false
    for _, session in pairs(of_buffer) do
      if session.client and session.client.id == id then
        close(session)
        lost = true
      end
    end
    if lost and vim.v.exiting == vim.NIL then
      local how = signal ~= 0 and ('signal %d'):format(signal) or ('exit status %d'):format(code)
      tell.error('the server ended (%s), and nothing was applied', how)
    end
  end)
end

--- A buffer is about to change its name: to the server that is another document.
function M.before_rename(buf)
  if of_buffer[buf] then
    M.cancel(of_buffer[buf])
  end
  documents.detach(buf)
end

return M
