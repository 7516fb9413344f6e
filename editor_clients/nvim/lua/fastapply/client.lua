-- The connection to the language server: finding it, starting it, asking it.

local config = require('fastapply.config')
local documents = require('fastapply.documents')
local tell = require('fastapply.tell')

local M = {}

M.NAME = 'fastapply'
M.MISSING = "no server found: pip install 'fastapply[lsp]', or set `cmd`"
local POLL_MS = 20

--- The command that starts the server, or nil. `root`: the workspace, whose own environment is tried first.
function M.command(root)
  if config.values.cmd then
    return config.values.cmd
  end
  local candidates = { 'fastapply' }
  if root then
    table.insert(candidates, 1, vim.fs.joinpath(root, '.venv', 'bin', 'fastapply'))
  end
  for _, program in ipairs(candidates) do
    if vim.fn.executable(program) == 1 then
      return { program, 'lsp', '--stdio' }
    end
  end
end

function M.root(buf)
  return vim.fs.root(buf, vim.lsp.config[M.NAME].root_markers or {})
end

--- The running server, or nil.
function M.running()
  return vim.lsp.get_clients({ name = M.NAME })[1]
end

--- The command that `vim.lsp.config` will run, or nil. One that the user has set there comes first.
function M.configured(root)
  local cmd = vim.lsp.config[M.NAME].cmd
  return type(cmd) == 'table' and cmd or M.command(root)
end

local function start(buf)
  local settings = vim.deepcopy(vim.lsp.config[M.NAME])
  settings.root_dir = type(settings.root_dir) == 'string' and settings.root_dir or M.root(buf)
  local command = M.configured(settings.root_dir)
  if not command then
    return nil, M.MISSING
  elseif vim.fn.executable(command[1]) ~= 1 then
    return nil, ('the server `%s` cannot be run; see :checkhealth fastapply'):format(command[1])
  end
  local options = { bufnr = buf, attach = false, silent = true, reuse_client = settings.reuse_client }
  local id = vim.lsp.start(settings, options)
  local client = id and vim.lsp.get_client_by_id(id)
  if not client then
    return nil, 'the server did not start; see :checkhealth fastapply'
  end
  return client
end

--- Call `ready(client)` once the server is there and knows the buffer, or `ready(nil, why)`.
function M.with(buf, ready)
  local client = vim.lsp.get_clients({ name = M.NAME, _uninitialized = true })[1]
  if not client or client:is_stopped() then
    local started, why = start(buf)
    if not started then
      return ready(nil, why)
    end
    client = started
  end
  local function wait()
    if client.initialized and not client:is_stopped() then
      if not vim.api.nvim_buf_is_loaded(buf) then
        return ready(nil, 'the buffer was closed')
      end
      documents.open(client, buf)
      return ready(client)
    elseif client:is_stopped() or not vim.lsp.get_client_by_id(client.id) then
      return ready(nil, 'the server ended while it started; see :checkhealth fastapply')
    end
    vim.defer_fn(wait, POLL_MS)
  end
  wait()
end

--- Send a request about a buffer; `answered(error, result)`.
function M.request(client, method, buf, params, answered)
  documents.flush(buf)
  params = vim.tbl_extend('error', { textDocument = { uri = documents.uri(buf) } }, params)
  local sent = client:request(method, params, answered, buf)
  if not sent then
    answered({ code = 0, message = 'the server has ended' })
  end
end

--- The user's options have changed.
function M.configure()
  if config.values.attach then
    vim.lsp.enable(M.NAME)
  end
  if M.running() then
    tell.warn('the server runs already: its options change when it is started again')
  end
end

return M
