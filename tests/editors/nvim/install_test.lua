-- Installed as users do: found by packpath without a line of configuration, help, health, warm start.

package.path = vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/?.lua;' .. package.path
local t = require('harness')
local samples = require('samples')

--- A folder for 'packpath' in which the plugin is one of those that start by themselves.
local function site()
  local folder = vim.fn.tempname()
  local start = vim.fs.joinpath(folder, 'pack', 'plugins', 'start')
  vim.fn.mkdir(start, 'p')
  assert(vim.uv.fs_symlink(t.PLUGIN, vim.fs.joinpath(start, 'fastapply')))
  return folder
end

local function health(editor)
  editor:cmd('silent! checkhealth fastapply')
  local report = table.concat(editor:lines(), '\n')
  editor:cmd('bwipeout')
  return report
end

t.test('by packpath, without setup(); the server is the one of the workspace', function()
  local editor = t.editor({
    installed = false,
    setup = false,
    arguments = { '--cmd', 'set packpath^=' .. site() },
    env = { FASTAPPLY_MODEL = 'none' },
  })
  local path = editor:open(samples.FILE)
  local bin = vim.fs.joinpath(vim.fs.dirname(path), '.venv', 'bin')
  vim.fn.mkdir(bin, 'p')
  vim.fn.mkdir(vim.fs.joinpath(vim.fs.dirname(path), '.git'), 'p')
  local program = vim.fs.joinpath(bin, 'fastapply')
  vim.fn.writefile({ '#!/bin/sh', ('exec "%s" -m fastapply "$@"'):format(vim.env.FASTAPPLY_TEST_PYTHON) }, program)
  vim.fn.setfperm(program, 'rwxr-xr-x')
  t.equal('', editor:messages())
  editor:apply(samples.ONE)
  editor:until_phase('open')
  t.equal('fastapply', editor:lua('return vim.lsp.get_clients()[1].name'))
  editor:cmd('FastApplyAccept!')
  editor:until_phase('none')
  t.equal(samples.after('second'), editor:lines())
end)

--- The specs for lazy.nvim in the README, with the place of this repository.
local function specs()
  local readme = table.concat(vim.fn.readfile(t.PLUGIN .. '/README.md'), '\n')
  local code = assert(readme:match('%*%*lazy%.nvim%*%*\n\n```lua\n(.-)```'))
  code = 'return {\n' .. code:gsub('\n%-%- or\n', ',\n'):gsub('/path/to/fastapply', t.ROOT) .. '}'
  return code
end

-- What lazy.nvim does: `dir`, or the clone of `url`, is put into 'runtimepath', its `plugin` files are sourced, and
-- then `config` is called, or `setup(opts)`.
local TAKE = [[
  local spec = assert(loadstring((...)))()[select(2, ...)]
  spec.dir = spec.dir or select(3, ...)
  vim.opt.rtp:append(spec.dir)
  for _, file in ipairs(vim.fn.glob(spec.dir .. '/plugin/*.lua', true, true)) do
    vim.cmd.source(file)
  end
  local config = spec.config or function() require('fastapply').setup(spec.opts) end
  config(spec)
]]

t.test('by the specs for lazy.nvim in the README: commands, the help, and an edit', function()
  for number = 1, 2 do
    local editor = t.editor({ installed = false, setup = false })
    t.equal(0, editor:lua('return vim.fn.exists(":FastApply")'))
    editor:lua(TAKE, specs(), number, t.ROOT)
    t.equal(2, editor:lua('return vim.fn.exists(":FastApply")'))
    editor:cmd('help :FastApply')
    t.equal(t.PLUGIN .. '/doc/fastapply.txt', editor:lua('return vim.fn.expand("%:p")'))
    editor:lua('require("fastapply").setup(...)', t.options())
    editor:open(samples.FILE)
    editor:apply(samples.ONE)
    editor:until_phase('open')
  end
end)

t.test('the modules are loaded with the first command, not with Neovim', function()
  local editor = t.editor({ setup = false })
  local loaded = editor:lua([[
    return vim.tbl_filter(function(name) return name:match('^fastapply') end, vim.tbl_keys(package.loaded))
  ]])
  t.equal({ 'fastapply.version' }, loaded)
end)

t.test('health, before and after the server runs, and with none', function()
  local editor = t.editor()
  local report = health(editor)
  t.has(report, 'the server can be started')
  t.has(report, 'is not running')
  t.equal(nil, report:match('ERROR'))
  editor:open(samples.FILE)
  editor:apply(samples.ONE)
  editor:until_phase('open')
  report = health(editor)
  t.has(report, 'runs, with 1 open document')
  t.has(report, 'model none: off: edits are applied by alignment alone')
  t.equal(nil, report:match('ERROR'))
  local none = t.editor({ setup = { cmd = { vim.env.FASTAPPLY_TEST_PYTHON, '-c', 'raise SystemExit("no pygls")' } } })
  report = health(none)
  t.has(report, 'ERROR the server cannot be started: no pygls')
  none:lua('vim.env.PATH = ""; require("fastapply").setup({})')
  t.has(health(none), 'ERROR no server found')
end)

t.test('with `attach` the server is there before the first :FastApply, for all files one', function()
  local editor = t.editor({ setup = { attach = true } })
  editor:cmd('filetype on')
  for _, name in ipairs({ 'one', 'two' }) do -- two workspaces
    editor.folder = vim.fn.tempname()
    vim.fn.mkdir(editor.folder .. '/.git', 'p')
    editor:open(samples.FILE, name .. '.py')
  end
  t.equal(1, editor:lua('return #vim.lsp.get_clients({ name = "fastapply", _uninitialized = true })'))
  editor:wait(function()
    return editor:lua([[
      local client = vim.lsp.get_clients({ name = 'fastapply' })[1]
      return client and client.initialized and #vim.tbl_keys(client.attached_buffers) == 2
    ]])
  end, 'both files to be attached')
  editor:apply(samples.ONE)
  editor:until_phase('open')
  t.equal(1, editor:lua('return #vim.lsp.get_clients({ name = "fastapply", _uninitialized = true })'))
end)

t.test('every command, mapping and option has its place in the help', function()
  local editor = t.editor()
  local doc = vim.fn.tempname()
  vim.fn.mkdir(doc .. '/doc', 'p')
  assert(vim.uv.fs_copyfile(t.PLUGIN .. '/doc/fastapply.txt', doc .. '/doc/fastapply.txt'))
  editor:cmd('helptags ' .. doc .. '/doc')
  local tags = vim.fn.readfile(doc .. '/doc/tags')
  t.equal(tags, vim.fn.readfile(t.PLUGIN .. '/doc/tags'), 'doc/tags is old: `:helptags editor_clients/nvim/doc`')
  editor:cmd('set runtimepath^=' .. doc)
  for _, name in ipairs({ 'fastapply', ':FastApply', ':FastApplyAccept', ':FastApplyReject', ':FastApplyCancel' }) do
    editor:cmd('help ' .. name)
    t.equal('fastapply.txt', editor:lua('return vim.fn.expand("%:t")'))
  end
  local text = table.concat(editor:lines(), '\n')
  local named = editor:lua([[
    local names = vim.tbl_keys(require('fastapply.config').defaults)
    for name in pairs(vim.api.nvim_get_commands({})) do
      names[#names + 1] = name:match('^FastApply') and ':' .. name or nil
    end
    for _, map in ipairs(vim.api.nvim_get_keymap('n')) do
      names[#names + 1] = map.lhs:match('^<Plug>%(fastapply.*')
    end
    return names
  ]])
  assert(#named >= 12, vim.inspect(named))
  for _, name in ipairs(named) do
    t.has(text, name)
  end
end)

t.run()
