-- The server as `vim.lsp.config` knows it. `vim.lsp.config('fastapply', { ... })` changes any of this.

local client = require('fastapply.client')
local config = require('fastapply.config')
local sessions = require('fastapply.sessions')

---@type vim.lsp.Config
return {
  cmd = function(dispatchers, settings)
    local command = assert(client.command(settings.root_dir), client.MISSING)
    return vim.lsp.rpc.start(command, dispatchers, { cwd = settings.cmd_cwd, env = settings.cmd_env })
  end,
  root_markers = { '.git' },
  before_init = function(params, settings)
    local options = vim.tbl_extend('force', settings.init_options or {}, config.values.server)
    params.initializationOptions = vim.tbl_extend('force', options, { preview = 'draft' })
  end,
  -- Neovim knows versioned edits but does not say so; without, an edit that meets a key could not be told to be stale.
  capabilities = { workspace = { workspaceEdit = { documentChanges = true } } },
  -- One server for all folders: each has a model in memory.
  reuse_client = function(running, settings)
    return running.name == settings.name and not running:is_stopped()
  end,
  handlers = {
    ['$/progress'] = sessions.on_progress,
    ['fastapply/preview'] = sessions.on_preview,
    ['workspace/applyEdit'] = sessions.on_edit,
  },
  on_exit = sessions.on_exit,
}
