-- Drives a real Neovim, in a process of its own, against the shipped server. Run by `nvim --clean --headless -l`.
--
-- Keys are typed, screens are read, and the driving process waits without holding up the driven one.

local M = {}

local HERE = vim.fs.abspath(vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)))
M.ROOT = vim.fs.dirname(vim.fs.dirname(vim.fs.dirname(HERE)))
M.PLUGIN = vim.fs.joinpath(M.ROOT, 'editor_clients', 'nvim')
local PYTHON = assert(vim.env.FASTAPPLY_TEST_PYTHON, 'FASTAPPLY_TEST_PYTHON: which Python runs the server?')
local SECONDS = tonumber(vim.env.FASTAPPLY_TEST_SECONDS or 120) -- a hanging editor is a failure; a slow machine is not

local tests = {}
local started = {}

---@class Editor
local Editor = {}
Editor.__index = Editor

--- Options of `setup` that start the shipped server without its model.
function M.options(more)
  return vim.tbl_deep_extend('force', {
    cmd = { PYTHON, '-m', 'fastapply', 'lsp', '--stdio' },
    server = { model = 'none' },
  }, more or {})
end

--- A Neovim with the plugin in its runtime path. `setup`: options, or false; `arguments`: more of the command line.
function M.editor(options)
  options = options or {}
  local command = { options.program or vim.v.progpath, '--clean', '-n', '--embed', '--headless' }
  if options.installed ~= false then
    vim.list_extend(command, { '--cmd', 'set runtimepath^=' .. M.PLUGIN })
  end
  vim.list_extend(command, options.arguments or {})
  local editor = setmetatable({}, Editor)
  editor.channel = vim.fn.jobstart(command, { rpc = true, env = options.env })
  assert(editor.channel > 0, 'Neovim does not start')
  table.insert(started, editor)
  editor:wait(function()
    return editor:lua('return vim.v.vim_did_enter') == 1 -- it answers while it still starts
  end, 'Neovim')
  editor:lua('vim.o.lines, vim.o.columns = 30, 80')
  if options.setup ~= false then
    editor:lua('require("fastapply").setup(...)', M.options(options.setup))
  end
  return editor
end

--- Run Lua in the driven Neovim; `...` are its arguments. A prompt that waits for a key is a failure: it would stop a
--- user who types.
function Editor:lua(code, ...)
  local mode = vim.rpcrequest(self.channel, 'nvim_get_mode')
  if mode.blocking and mode.mode:match('^r') then
    vim.rpcrequest(self.channel, 'nvim_input', '<CR>')
    error('a prompt waits for a key: ' .. self:lua('return vim.fn.execute("messages")'))
  end
  return vim.rpcrequest(self.channel, 'nvim_exec_lua', code, { ... })
end

function Editor:api(name, ...)
  return self:lua(('return vim.api.%s(...)'):format(name), ...)
end

function Editor:cmd(command)
  return self:lua('vim.cmd(...)', command)
end

--- Type keys, as a user does.
function Editor:keys(keys)
  vim.rpcrequest(self.channel, 'nvim_input', keys)
  self:wait(function()
    return not vim.rpcrequest(self.channel, 'nvim_get_mode').blocking
  end, 'the keys to be taken')
end

--- Wait until `done()` is true, and return what it says.
function Editor:wait(done, what)
  local found
  local ok = vim.wait(SECONDS * 1000, function()
    found = done()
    return found
  end, 10)
  if not ok then
    error(('waited for %s; messages: %s; lines: %s'):format(what, self:messages(), vim.inspect(self:lines())), 2)
  end
  return found
end

function Editor:lines()
  return self:api('nvim_buf_get_lines', 0, 0, -1, true)
end

function Editor:messages()
  return self:lua('return vim.fn.execute("messages")')
end

--- Wait for a message that has these words.
function Editor:told(words)
  self:wait(function()
    return self:messages():find(words, 1, true)
  end, ('a message with "%s"'):format(words))
end

function Editor:forget_messages()
  self:cmd('messages clear')
end

--- `starting`, `running`, `open`, or nil
function Editor:phase()
  local status = self:lua('return require("fastapply").status() or {}')
  return status.phase
end

--- Wait until a rewrite is open (default), or over (`nil` as a string: 'none').
function Editor:until_phase(phase)
  self:wait(function()
    return (self:phase() or 'none') == (phase or 'open')
  end, 'phase ' .. (phase or 'open'))
end

--- A new file with these lines, in the only window.
function Editor:open(lines, name, more)
  self.folder = self.folder or vim.fn.tempname()
  vim.fn.mkdir(self.folder, 'p')
  local path = vim.fs.joinpath(self.folder, name or ('file_%d.py'):format(vim.uv.hrtime()))
  local file = assert(io.open(path, 'wb'))
  file:write(type(lines) == 'string' and lines or (table.concat(lines, '\n') .. '\n'))
  file:close()
  self:cmd('silent! only | edit ' .. (more or '') .. vim.fn.fnameescape(path))
  return path
end

--- Put an update into a register and start.
function Editor:apply(update, command)
  self:lua('vim.fn.setreg([["]], ...)', update)
  self:forget_messages()
  self:cmd(command or 'FastApply')
end

--- Extmarks of this plugin in the current buffer: how many, by namespace.
function Editor:marks()
  return self:lua([[
    local found = 0
    for name, space in pairs(vim.api.nvim_get_namespaces()) do
      if name:match('^fastapply') then
        found = found + #vim.api.nvim_buf_get_extmarks(0, space, 0, -1, {})
      end
    end
    return found
  ]])
end

--- The screen's text, one string a row, without trailing blanks.
function Editor:screen()
  return self:lua([[
    vim.cmd('redraw!')
    local rows = {}
    for row = 1, vim.o.lines do
      local cells = {}
      for column = 1, vim.o.columns do
        cells[column] = vim.fn.screenstring(row, column)
      end
      rows[row] = (table.concat(cells):gsub('%s+$', ''))
    end
    return rows
  ]])
end

--- The name of the current buffer's file.
function Editor:name()
  return vim.fs.basename(self:api('nvim_buf_get_name', 0))
end

--- The last row of the window: what can be done, by which keys.
function Editor:bar()
  local screen = self:screen()
  return screen[#screen - 2]
end

--- Process id of the one server.
function Editor:server()
  local pids = self:lua([[
    return vim.tbl_filter(function(pid)
      return (vim.api.nvim_get_proc(pid) or {}).name:match('python') ~= nil
    end, vim.api.nvim_get_proc_children(vim.fn.getpid()))
  ]])
  M.equal(1, #pids, 'servers')
  return pids[1]
end

--- Stop the server, as on a machine that is too busy, until the function that comes back is called.
function Editor:pause()
  local pid = self:server()
  vim.uv.kill(pid, 'sigstop')
  return function()
    vim.uv.kill(pid, 'sigcont')
  end
end

function Editor:close()
  pcall(vim.rpcnotify, self.channel, 'nvim_command', 'qall!')
  if vim.fn.jobwait({ self.channel }, 10000)[1] == -1 then
    vim.fn.jobstop(self.channel)
  end
end

function M.equal(expected, found, what)
  if not vim.deep_equal(expected, found) then
    error(('%s: expected %s, found %s'):format(what or 'not equal', vim.inspect(expected), vim.inspect(found)), 2)
  end
end

function M.has(text, words)
  if not text:find(words, 1, true) then
    error(('"%s" is not in: %s'):format(words, text), 2)
  end
end

function M.test(name, body)
  table.insert(tests, { name = name, body = body })
end

--- Run the tests of a file. The exit status says whether all passed; without any it is a failure too.
function M.run()
  local only = vim.env.FASTAPPLY_TEST_ONLY
  local failed, ran = 0, 0
  for _, test in ipairs(tests) do
    if not only or test.name:find(only, 1, true) then
      ran = ran + 1
      local began = vim.uv.hrtime()
      local ok, why = xpcall(test.body, debug.traceback)
      local seconds = (vim.uv.hrtime() - began) / 1e9
      io.write(('%s - %s (%.1f s)\n'):format(ok and 'ok' or 'not ok', test.name, seconds))
      if not ok then
        failed = failed + 1
        io.write(why, '\n')
      end
      io.flush()
    end
  end
  for _, editor in ipairs(started) do
    editor:close()
  end
  io.write(('%d tests, %d failed\n'):format(ran, failed))
  os.exit((failed == 0 and ran > 0) and 0 or 1)
end

return M
