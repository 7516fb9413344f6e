-- `:checkhealth fastapply`

local version = require('fastapply.version')

local M = {}

local SECONDS = 60 -- importing Python's packages takes a while on a busy machine

local function run(command)
  local started, process = pcall(vim.system, command, { text = true, stdin = false })
  if not started then
    return nil, tostring(process)
  end
  local done = process:wait(SECONDS * 1000)
  if done.code ~= 0 then
    local lines = vim.split(vim.trim(done.stderr or ''), '\n')
    return nil, lines[#lines] ~= '' and lines[#lines] or ('exit status %d'):format(done.code)
  end
  return done.stdout
end

local function check_program(health)
  local client = require('fastapply.client')
  local command = client.configured(client.root(0))
  if not command then
    health.error('no server found', {
      "pip install 'fastapply[lsp]', so that `fastapply` is on PATH or in `.venv` of the workspace",
      "or say where it is: require('fastapply').setup({ cmd = { '/path/to/fastapply', 'lsp' } })",
    })
    return
  end
  health.info('command: ' .. table.concat(command, ' '))
  local rest = vim.tbl_filter(function(argument)
    return argument ~= '--stdio'
  end, command)
  local schema, why = run(vim.list_extend(rest, { '--schema' }))
  if schema then
    health.ok('the server can be started')
  else
    health.error('the server cannot be started: ' .. why)
  end
end

local function check_running(health)
  local client = require('fastapply.client').running()
  if not client then
    return health.info('the server is not running: the first :FastApply starts it')
  end
  local answer, why = client:request_sync('fastapply/status', vim.empty_dict(), SECONDS * 1000)
  local status = answer and answer.result
  if not status then
    return health.error('the server does not answer: ' .. (answer and answer.err and answer.err.message or why))
  end
  health.ok(('the server %s runs, with %d open documents'):format(status.version, status.documents))
  local model = status.model
  local line = ('model %s: %s'):format(model.name, model.state)
  if model.state == 'failed' then
    health.error(('%s: %s'):format(line, model.detail), 'edits are applied by alignment alone')
  elseif model.alignmentOnly then
    health.info(line .. ': edits are applied by alignment alone')
  else
    health.ok(line)
  end
end

local function check_settings(health)
  local values = require('fastapply.config').values
  health.info(('the register of :FastApply is %s'):format(values.register))
  if values.register:match('^[+*]$') and vim.fn.has('clipboard') == 0 then
    health.warn('that register needs a clipboard provider, and there is none', ':help clipboard')
  end
  for _, key in pairs(values.keys) do
    if key and vim.fn.maparg(key, 'n') ~= '' then
      health.info(('%s is mapped already; a preview hides that mapping until it closes'):format(key))
    end
  end
end

function M.check()
  local health = vim.health
  if not version.supported() then
    -- The functions of vim.health had other names then.
    local report = require('health').report_error
    return report(('Neovim %s or newer is needed'):format(version.MINIMUM))
  end
  health.start('fastapply')
  local own = vim.version()
  health.ok(('Neovim %d.%d.%d'):format(own.major, own.minor, own.patch))
  check_program(health)
  check_running(health)
  check_settings(health)
end

return M
