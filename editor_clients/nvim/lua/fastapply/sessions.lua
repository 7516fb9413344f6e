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

local M = {}

local api = vim.api
local REQUEST_CANCELLED, SERVER_CANCELLED = -32800, -32802

---@class fastapply.Session
---@field buf integer
---@field phase string
---@field token string of its progress; partial results have `token .. '.hunks'`
---@field client? vim.lsp.Client
---@field id? string the server's name for it, known from its answer on
---@field marks table<integer, table> hunks by extmark
---@field deciding table<string, true> hunks that are being accepted
---@field changes table[] of the buffer since the request
---@field row integer where the progress line goes

local of_buffer = {} ---@type table<integer, fastapply.Session>
local count = 0

--- Take the session's preview away. It says and shows nothing from then on.
local function close(session)
  if session.phase == 'closed' then
    return
  end
  session.phase = 'closed'
  if of_buffer[session.buf] == session then
    of_buffer[session.buf] = nil
    preview.clear_hunks(session.buf)
    preview.clear_progress(session.buf)
    keys.remove(session.buf)
  end
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

local function show(session, said, version, anew)
  session.changes = vim.tbl_filter(function(change)
    return change.tick > version -- the server will say nothing of older versions any more
  end, session.changes)
  if anew then
    preview.clear_hunks(session.buf)
    session.marks = {}
  end
  preview.add(session.buf, session.marks, current(session, said))
  keys.add(session.buf)
end

--- Why a buffer cannot be rewritten, or nil.
local function refusal(buf)
  if not api.nvim_buf_is_loaded(buf) then
    return 'the buffer is not loaded'
  end
  local name = vim.fs.basename(api.nvim_buf_get_name(buf))
  name = name ~= '' and name or 'the buffer'
  if not vim.bo[buf].modifiable then
    return ("%s cannot be changed: 'modifiable' is off"):format(name)
  elseif vim.bo[buf].readonly then
    return ('%s is read-only: `:set noreadonly` if you mean it'):format(name)
  end
end

local function finished(session, answer)
  preview.clear_progress(session.buf)
  if answer.status == 'rejected' then
    close(session)
    return tell.warn('rejected: %s', answer.failureReason)
  elseif #answer.hunks == 0 then
    close(session)
    return tell.info('nothing to change')
  end
  session.phase, session.id = 'open', answer.session
  show(session, answer.hunks, answer.version, true)
  local many = #answer.hunks == 1 and '1 hunk' or ('%d hunks'):format(#answer.hunks)
  local alone = answer.model.state == 'failed' and ', by alignment alone' or ''
  if answer.status == 'needs_review' then
    local doubts = {}
    for _, check in ipairs(answer.checks) do
      if not check.ok then
        table.insert(doubts, check.detail)
      end
    end
    local why = #doubts > 0 and (': ' .. table.concat(doubts, '; ')) or ''
    tell.warn('%s to review, confidence %.2f%s%s', many, answer.confidence, alone, why)
  else
    tell.info('%s, confidence %.2f%s', many, answer.confidence, alone)
  end
end

local function answered(session, err, answer)
  if session.phase == 'closed' then
    return -- cancelled, superseded or closed here already
  elseif not err then
    return finished(session, answer)
  end
  close(session)
  if err.code == REQUEST_CANCELLED then
    tell.info('cancelled')
  elseif err.code ~= SERVER_CANCELLED then
    tell.error('%s', err.message)
  end
end

--- Rewrite a buffer by an update. `options`: `instruction`, `range` (rows, half-open: only they are rewritten).
--- Whether it was begun.
function M.apply(buf, update, options)
  local why = refusal(buf)
  if why then
    tell.warn('%s', why)
    return false
  end
  if of_buffer[buf] then
    close(of_buffer[buf]) -- the server does the same when the new request arrives
  end
  count = count + 1
  local window = vim.fn.bufwinid(buf)
  local session = {
    buf = buf,
    phase = 'starting',
    token = ('fastapply.%d.%d'):format(vim.fn.getpid(), count),
    marks = {},
    deciding = {},
    changes = {},
    row = window ~= -1 and api.nvim_win_get_cursor(window)[1] - 1 or 0,
  }
  of_buffer[buf] = session
  watch(session)
  preview.progress(buf, session.row, 'fastapply: starting the server')
  client.with(buf, function(server, failure)
    if session.phase == 'closed' then
      return
    elseif not server then
      close(session)
      return tell.warn('%s', failure)
    end
    session.client, session.phase = server, 'running'
    preview.progress(buf, session.row, 'fastapply: 0 %')
    local range = options.range
      and {
        start = { line = options.range[1], character = 0 },
        ['end'] = { line = options.range[2], character = 0 },
      }
    client.request(server, 'fastapply/apply', buf, {
      update = update,
      instruction = options.instruction,
      range = range,
      mode = 'preview',
      workDoneToken = session.token,
      partialResultToken = session.token .. '.hunks',
    }, function(err, answer)
      answered(session, err, answer)
    end)
  end)
  return true
end

--- The session of a buffer whose hunks can be decided; nil, after saying why, if there is none.
local function open_session(buf)
  local session = of_buffer[buf]
  if not session then
    tell.warn('this buffer has no preview')
  elseif session.phase ~= 'open' then
    tell.warn('the rewrite still runs: wait for it, or :FastApplyCancel')
  else
    return session
  end
end

--- Hunks that are shown in a buffer, where they are now.
function M.hunks(buf)
  local session = of_buffer[buf]
  return session and preview.placed(buf, session.marks) or {}
end

--- `starting`, `running`, `open`, or nil.
function M.phase(buf)
  return of_buffer[buf] and of_buffer[buf].phase
end

--- Accept or reject: `verb`. The hunk at `row`, or all where it is nil.
function M.decide(verb, buf, row)
  local session = open_session(buf)
  if not session then
    return
  end
  local why = verb == 'accept' and refusal(buf)
  if why then
    return tell.warn('%s', why)
  end
  local chosen = M.hunks(buf)
  if row then
    local hunk = hunks.at(chosen, row)
    if not hunk then
      return tell.warn('no hunk under the cursor: ]h and [h go to the next one')
    end
    chosen = { hunk }
  end
  local ids = vim.tbl_map(function(hunk)
    return hunk.id
  end, chosen)
  for _, id in ipairs(verb == 'accept' and ids or {}) do
    session.deciding[id] = true
  end
  client.request(session.client, 'fastapply/' .. verb, buf, { hunks = ids }, function(err, answer)
    for _, id in ipairs(ids) do
      session.deciding[id] = nil
    end
    if err then
      tell.warn('%s', err.message)
    elseif verb == 'accept' and not answer.applied then
      tell.warn('not applied: %s', answer.failureReason)
    end
  end)
end

--- Stop what goes on in a buffer and take its preview away. Whether there was anything.
function M.cancel(buf)
  local session = of_buffer[buf]
  if not session then
    return false
  end
  close(session)
  if session.client and not session.client:is_stopped() then
    client.request(session.client, 'fastapply/cancel', buf, {}, function() end)
  end
  return true
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

--- `$/progress`: of the work, and partial results.
function M.on_progress(err, params, context)
  local session, kind = by_token(params.token)
  if tostring(params.token):match('^fastapply%..*%.hunks$') then
    if session and session.phase == 'running' then
      show(session, params.value.hunks, params.value.version, false)
    end
    return
  elseif kind == 'work' and session.phase == 'running' and params.value.kind ~= 'end' then
    local said = params.value.message and (' · ' .. params.value.message) or ''
    preview.progress(session.buf, session.row, ('fastapply: %d %%%s'):format(params.value.percentage or 0, said))
  end
  vim.lsp.handlers['$/progress'](err, params, context) -- for the status lines of others
end

--- `fastapply/preview`: `change` and `close` of open sessions. What comes before is in partial results and the answer.
function M.on_preview(_, params)
  for _, session in pairs(of_buffer) do
    if session.id == params.session then
      if params.kind == 'change' then
        show(session, params.hunks, params.textDocument.version, true)
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
    local rest = vim.tbl_filter(function(hunk)
      return not session.deciding[hunk.id]
    end, M.hunks(buf))
    preview.clear_hunks(buf)
    session.marks = {}
    preview.add(buf, session.marks, rest)
  end
  preview.write(buf, sorted)
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
  M.cancel(buf)
  documents.detach(buf)
end

return M
