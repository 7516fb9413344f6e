-- Cancelling, typing while it runs, closing, reloading, renaming, a server that dies: previews go, text stays.

package.path = vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/?.lua;' .. package.path
local t = require('harness')
local samples = require('samples')

local editor = t.editor()
local LONG = samples.functions(2500) -- seconds of alignment

--- A rewrite that is under way and stays so until `go_on()`.
local function held(update, name)
  editor:open(samples.FILE, name)
  editor:apply(samples.ONE) -- the server is there and knows the file
  editor:until_phase('open')
  editor:cmd('FastApplyCancel')
  local go_on = editor:pause()
  editor:apply(update or samples.THREE)
  t.equal('running', editor:phase())
  return go_on
end

local function clean()
  t.equal('none', editor:phase() or 'none')
  t.equal(0, editor:marks())
  t.equal('', editor:lua('return vim.fn.maparg("]h", "n")'))
end

t.test('how far it is, and what was taken, stand in the last row of the window, and go', function()
  editor:open(LONG, 'long.py')
  editor:keys('5G')
  editor:apply(samples.change_function(2400))
  editor:wait(function()
    return editor:bar():match('^long.py  aligning  g<BS> cancel  %(register ", 7 lines%)$')
  end, 'progress')
  t.equal(LONG, editor:lines())
  editor:until_phase('open')
  t.has(editor:bar(), 'hunk 1 of 1  <CR> accept')
  editor:cmd('FastApplyCancel')
  t.has(editor:bar(), LONG[#editor:screen() - 2])
end)

t.test('hunks stream in while it runs', function()
  editor:open(samples.functions(400))
  local updates = {}
  for n = 0, 399, 2 do
    table.insert(updates, (samples.change_function(n):gsub('# %.%.%. existing code %.%.%.\n', '')))
  end
  editor:lua([[
    _G.seen = {}
    local timer = vim.uv.new_timer()
    timer:start(0, 5, vim.schedule_wrap(function()
      local status = require('fastapply').status()
      if status then
        _G.seen[#_G.seen + 1] = status
      end
    end))
  ]])
  local mark = '# ... existing code ...\n'
  editor:apply(mark .. table.concat(updates, mark) .. mark)
  editor:until_phase('open')
  local seen = editor:lua('return _G.seen')
  local streamed, last = {}, editor:lua('return require("fastapply").status().hunks')
  for _, status in ipairs(seen) do
    if status.phase == 'running' and status.hunks > 0 then
      streamed[status.hunks] = true
    end
  end
  t.equal(200, last)
  assert(next(streamed), 'no hunk was shown before the end')
  editor:cmd('FastApplyCancel')
  clean()
end)

t.test('cancelling stops it at once, and the next one works', function()
  editor:open(LONG)
  editor:apply(samples.change_function(2400))
  editor:wait(function()
    return editor:phase() == 'running'
  end, 'the rewrite')
  editor:cmd('FastApplyCancel')
  clean()
  editor:told('cancelled')
  t.equal(LONG, editor:lines())
  editor:open(samples.FILE)
  editor:apply(samples.ONE)
  editor:until_phase('open')
  editor:cmd('FastApplyCancel')
  clean()
  t.equal(samples.FILE, editor:lines())
end)

t.test('a second :FastApply takes the place of the first, running or open', function()
  local go_on = held(samples.THREE)
  editor:apply(samples.ONE)
  go_on()
  editor:until_phase('open')
  t.equal(1, editor:lua('return require("fastapply").status().hunks'))
  editor:apply(samples.THREE)
  editor:until_phase('open')
  t.equal(3, editor:lua('return require("fastapply").status().hunks'))
  editor:cmd('FastApplyAccept!')
  editor:until_phase('none')
  t.equal(samples.after('first', 'second', 'third'), editor:lines())
  clean()
end)

t.test('typing elsewhere while it runs moves the hunks', function()
  local go_on = held()
  editor:keys('ggOimport re<Esc>')
  editor:keys('Go# the end<Esc>')
  go_on()
  editor:until_phase('open')
  editor:keys('gg]h')
  t.equal('    value = os.path.join(a, "first")', editor:api('nvim_get_current_line'))
  editor:cmd('FastApplyAccept!')
  editor:until_phase('none')
  local expected = vim.list_extend({ 'import re' }, samples.after('first', 'second', 'third'))
  table.insert(expected, '# the end')
  t.equal(expected, editor:lines())
end)

t.test('what is typed into the lines of a hunk is kept', function()
  local go_on = held(samples.ONE)
  editor:keys('10GA  # mine<Esc>')
  go_on()
  editor:until_phase('none')
  local expected = vim.deepcopy(samples.FILE)
  expected[10] = expected[10] .. '  # mine'
  t.equal(expected, editor:lines())
  clean()
end)

t.test('what is typed into a hunk of an open preview takes that hunk away and no other', function()
  editor:open(samples.FILE)
  editor:apply(samples.THREE)
  editor:until_phase('open')
  editor:keys('10GA  # mine<Esc>')
  editor:wait(function()
    return editor:lua('return require("fastapply").status().hunks') == 2
  end, 'two hunks')
  editor:cmd('FastApplyAccept!')
  editor:until_phase('none')
  local expected = samples.after('first', 'third')
  expected[10] = expected[10] .. '  # mine'
  t.equal(expected, editor:lines())
end)

t.test('an accept that meets a key lands behind it', function()
  editor:open(samples.FILE)
  editor:apply(samples.ONE)
  editor:until_phase('open')
  local go_on = editor:pause()
  editor:lua('require("fastapply").accept({ all = true })')
  editor:keys('ggO# typed<Esc>') -- the request is under way
  go_on()
  editor:until_phase('none')
  t.equal(vim.list_extend({ '# typed' }, samples.after('second')), editor:lines())
  clean()
end)

t.test('undo below an open preview moves it back', function()
  editor:open(samples.FILE)
  editor:keys('ggO# one<CR># two<Esc>')
  editor:apply(samples.ONE)
  editor:until_phase('open')
  editor:keys('u')
  editor:keys('gg]h')
  t.equal('    value = os.path.join(a, "second")', editor:api('nvim_get_current_line'))
  editor:cmd('FastApplyAccept')
  editor:until_phase('none')
  t.equal(samples.after('second'), editor:lines())
end)

t.test('reloading takes the preview away', function()
  for _, phase in ipairs({ 'open', 'running' }) do
    local go_on = held(nil, 'again.py')
    if phase == 'open' then
      go_on()
      editor:until_phase('open')
    end
    editor:cmd('edit!')
    clean()
    go_on()
    editor:apply(samples.ONE)
    editor:until_phase('open')
    t.equal(1, editor:lua('return require("fastapply").status().hunks'))
    editor:cmd('FastApplyCancel')
  end
  t.equal(samples.FILE, editor:lines())
end)

t.test('a file that changed on the disk and is read again loses its preview', function()
  for _, phase in ipairs({ 'open', 'running' }) do
    local go_on = held(nil, 'elsewhere.py')
    if phase == 'open' then
      go_on()
      editor:until_phase('open')
    end
    local other = vim.list_extend({ '# by another program, ' .. phase }, samples.FILE)
    vim.fn.writefile(other, editor.folder .. '/elsewhere.py')
    vim.uv.fs_utime(editor.folder .. '/elsewhere.py', 0, os.time() + 10) -- surely newer
    editor:cmd('set autoread | checktime')
    t.equal(other, editor:lines())
    clean()
    go_on()
    editor:apply(samples.ONE)
    editor:until_phase('open')
    editor:cmd('FastApplyAccept!')
    editor:until_phase('none')
    t.equal(vim.list_extend({ other[1] }, samples.after('second')), editor:lines())
    editor:cmd('silent write!')
  end
end)

t.test('closing the buffer ends it, and nothing lands in it later', function()
  local go_on = held(nil, 'gone.py')
  local buf = editor:api('nvim_get_current_buf')
  editor:cmd('enew | bdelete! gone.py')
  go_on()
  editor:cmd('edit ' .. editor.folder .. '/gone.py')
  t.equal(buf, editor:api('nvim_get_current_buf'))
  clean()
  t.equal(samples.FILE, editor:lines())
  editor:apply(samples.ONE)
  editor:until_phase('open')
  editor:cmd('bwipeout!')
  clean()
end)

t.test('renaming ends it, and the new name works', function()
  editor:open(samples.FILE, 'before.py')
  editor:apply(samples.ONE)
  editor:until_phase('open')
  editor:cmd('file ' .. editor.folder .. '/after.py')
  clean()
  editor:apply(samples.ONE)
  editor:until_phase('open')
  editor:cmd('FastApplyAccept!')
  editor:until_phase('none')
  t.equal(samples.after('second'), editor:lines())
  editor:cmd('silent write')
end)

t.test('a server that dies takes its previews along, and the next :FastApply starts another', function()
  for _, phase in ipairs({ 'open', 'running' }) do
    local go_on = held()
    if phase == 'open' then
      go_on()
      editor:until_phase('open')
    end
    local pid = editor:server()
    vim.uv.kill(pid, 'sigkill')
    editor:told('the server ended (signal 9)')
    clean()
    t.equal(samples.FILE, editor:lines())
    editor:apply(samples.ONE)
    editor:until_phase('open')
    assert(editor:server() ~= pid)
  end
end)

t.test('no server, one that is none, and options that are wrong', function()
  local other = t.editor({ setup = { cmd = { '/no/such/program' } } })
  other:open(samples.FILE)
  other:apply(samples.ONE)
  other:told('the server `/no/such/program` cannot be run')
  t.equal('none', other:phase() or 'none')
  other:lua('require("fastapply").setup({ cmd = { "false" } })')
  other:apply(samples.ONE)
  other:told('the server ended while it started')
  t.equal('none', other:phase() or 'none')
  t.equal(0, other:marks())
  other:forget_messages()
  other:lua('vim.env.PATH = ""; require("fastapply").setup({ colour = 1, register = 2 })')
  other:told('there is no option `colour`')
  other:told('option `register`: a string is wanted')
  other:apply(samples.ONE)
  other:told("pip install 'fastapply[lsp]'")
  t.equal(0, other:marks())
end)

t.run()
