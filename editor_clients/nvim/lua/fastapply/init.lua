-- The public face: what commands and mappings call, and `require('fastapply')` offers. See |fastapply-lua|.

local version = require('fastapply.version')

local M = {}

if not version.supported() then
  -- A user's configuration calls setup() before anything can stop it.
  M.setup = version.check
  return M
end

local config = require('fastapply.config')
local hunks = require('fastapply.hunks')
local preview = require('fastapply.preview')
local sessions = require('fastapply.sessions')
local tell = require('fastapply.tell')
local update = require('fastapply.update')

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

--- Apply an update to a buffer: a preview comes. Whether the rewrite was begun.
---@param options { update: string, buf?: integer, instruction?: string, range?: [integer, integer] }
function M.apply(options)
  return sessions.apply(resolve(options.buf), options.update, options)
end

local function apply_or_tell(text, why, options)
  if not text then
    return tell.warn('%s', why)
  end
  sessions.apply(options.buf, text, options)
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

local function decide(verb, options)
  options = options or {}
  local row = not options.all and api.nvim_win_get_cursor(0)[1] - 1 or nil
  sessions.decide(verb, resolve(options.buf), row)
end

--- Accept the hunk under the cursor, or `all`.
---@param options? { all?: boolean, buf?: integer }
function M.accept(options)
  decide('accept', options)
end

--- Reject the hunk under the cursor, or `all`.
---@param options? { all?: boolean, buf?: integer }
function M.reject(options)
  decide('reject', options)
end

--- Stop the rewrite of a buffer and take its preview away.
function M.cancel(buf)
  if sessions.cancel(resolve(buf)) then
    tell.info('cancelled')
  else
    tell.warn('this buffer has nothing to cancel')
  end
end

--- Go to the hunk `count` further down; negative: up.
function M.jump(count)
  local window = api.nvim_get_current_win()
  local found = hunks.from(sessions.hunks(api.nvim_get_current_buf()), api.nvim_win_get_cursor(window)[1] - 1, count)
  if not found then
    return tell.warn('no hunk to go to')
  end
  vim.cmd.normal({ "m'", bang = true }) -- so that '' goes back
  api.nvim_win_set_cursor(window, { math.min(hunks.anchor(found) + 1, api.nvim_buf_line_count(0)), 0 })
  vim.cmd.normal({ 'zv', bang = true }) -- out of closed folds
end

--- For status lines: `phase` (`starting`, `running`, `open`) and the number of `hunks`; nil without a rewrite.
function M.status(buf)
  buf = resolve(buf)
  local phase = sessions.phase(buf)
  return phase and { phase = phase, hunks = #sessions.hunks(buf) } or nil
end

return M
