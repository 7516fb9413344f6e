-- Buffers of every kind: what the update did not touch stays as it is, to the byte.

package.path = vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/?.lua;' .. package.path
local t = require('harness')
local samples = require('samples')

local editor = t.editor()

local function bytes(path)
  local file = assert(io.open(path, 'rb'))
  local text = file:read('*a')
  file:close()
  return text
end

local function accept_all()
  editor:until_phase('open')
  editor:cmd('FastApplyAccept!')
  editor:until_phase('none')
end

local function text(lines, line_end)
  return table.concat(lines, line_end) .. line_end
end

for format, line_end in pairs({ unix = '\n', dos = '\r\n', mac = '\r' }) do
  t.test('line ends of a file with fileformat=' .. format, function()
    local path = editor:open(text(samples.FILE, line_end), nil, '++ff=' .. format .. ' ')
    t.equal(format, editor:lua('return vim.bo.fileformat'))
    editor:apply(samples.THREE)
    editor:until_phase('open')
    t.equal(nil, table.concat(editor:screen()):match('%^[MJ]'), 'line ends on the screen')
    accept_all()
    t.equal(samples.after('first', 'second', 'third'), editor:lines())
    editor:cmd('silent write')
    t.equal(text(samples.after('first', 'second', 'third'), line_end), bytes(path))
  end)
end

t.test('mixed line ends', function()
  local mixed = vim.deepcopy(samples.FILE)
  mixed[1], mixed[6], mixed[16] = mixed[1] .. '\r', mixed[6] .. '\r', mixed[16] .. '\r'
  local path = editor:open(mixed)
  editor:apply(samples.ONE)
  accept_all()
  editor:cmd('silent write')
  local expected = text(mixed, '\n'):gsub('"second"', '"2"')
  t.equal(expected, bytes(path))
end)

t.test('no line end at the end', function()
  local path = editor:open(table.concat(samples.FILE, '\n'))
  editor:cmd('setlocal nofixendofline')
  editor:apply('# ... existing code ...\n\ndef third(a):\n    value = os.path.join(a, "third")\n    return 3\n')
  accept_all()
  editor:cmd('silent write')
  local expected = vim.deepcopy(samples.FILE)
  expected[#expected] = '    return 3'
  t.equal(table.concat(expected, '\n'), bytes(path))
end)

t.test('a byte order mark', function()
  local path = editor:open('\239\187\191' .. text(samples.FILE, '\n'))
  editor:apply('import os\nimport re\n\n# ... existing code ...\n')
  accept_all()
  editor:cmd('silent write')
  local expected = vim.list_extend({ 'import os', 'import re' }, vim.list_slice(samples.FILE, 2))
  t.equal('\239\187\191' .. text(expected, '\n'), bytes(path))
end)

t.test('tabs and wide characters, in the buffer and on the screen', function()
  local tabs = { 'func first() {', '\tname := "😀 één"', '\treturn', '}', '', 'func second() {', '\treturn', '}' }
  editor:open(tabs, 'tabs.go')
  editor:cmd('setlocal tabstop=4')
  editor:apply('func first() {\n\tname := "🎉\té"\n\t// ... existing code ...\n}\n\n// ... existing code ...\n')
  editor:until_phase('open')
  local previewed = table.concat(editor:screen(), '\n'):match('▎([^\n]*🎉[^\n]*)')
  accept_all()
  tabs[2] = '\tname := "🎉\té"'
  t.equal(tabs, editor:lines())
  t.equal(editor:screen()[2], previewed, 'the preview and the line that came of it')
end)

t.test('control characters in added lines', function()
  editor:open(samples.FILE)
  editor:apply('import os\nBELL = "\7"\n\n# ... existing code ...\n')
  editor:until_phase('open')
  t.has(table.concat(editor:screen(), '\n'), 'BELL = "^G"')
  accept_all()
  t.equal('BELL = "\7"', editor:lines()[2])
end)

t.test('lines before the first one show, and land there', function()
  editor:open(samples.FILE)
  editor:apply('"""A module."""\n\nimport os\n\n# ... existing code ...\n')
  editor:until_phase('open')
  local screen = editor:screen()
  t.equal('import os   hunk 1 of 1 · +2 lines above', screen[1])
  t.has(screen[2], '▎"""A module."""')
  editor:keys('gg:FastApplyAccept<CR>')
  editor:until_phase('none')
  t.equal({ '"""A module."""', '', 'import os' }, vim.list_slice(editor:lines(), 1, 3))
  t.equal(#samples.FILE + 2, #editor:lines())
end)

t.test('lines after the last one', function()
  editor:open(samples.FILE)
  editor:apply(text(samples.FILE, '\n') .. '\n\ndef fourth(a):\n    return 4\n')
  editor:until_phase('open')
  local screen = table.concat(editor:screen(), '\n')
  t.has(screen, '    return value   hunk 1 of 1 · +4 lines\n▎\n▎\n▎def fourth(a):\n▎    return 4\n~')
  accept_all()
  local tail = vim.list_slice(editor:lines(), #samples.FILE)
  t.equal({ '    return value', '', '', 'def fourth(a):', '    return 4' }, tail)
end)

t.test('lines that are only taken away', function()
  editor:open(samples.FILE)
  local update = { unpack(samples.FILE) }
  table.remove(update, 10)
  editor:apply(text(update, '\n'))
  editor:until_phase('open')
  local screen = table.concat(editor:screen(), '\n')
  t.has(screen, '    value = os.path.join(a, "second")   hunk 1 of 1 · -1 line\n    return value')
  accept_all()
  t.equal(update, editor:lines())
end)

t.test('unnamed buffers, two at a time, and an empty one', function()
  editor:cmd('silent! %bwipeout! | enew')
  editor:api('nvim_buf_set_lines', 0, 0, -1, true, samples.FILE)
  local one = editor:api('nvim_get_current_buf')
  editor:cmd('setlocal hidden filetype=python | hide enew')
  local two = editor:api('nvim_get_current_buf')
  assert(one ~= two)
  editor:api('nvim_buf_set_lines', 0, 0, -1, true, samples.FILE)
  editor:cmd('setlocal filetype=python')
  editor:apply(samples.ONE)
  editor:until_phase('open')
  editor:lua('require("fastapply").apply({ buf = ..., update = select(2, ...) })', one, samples.THREE)
  editor:wait(function()
    return (editor:lua('return require("fastapply").status(...) or {}', one)).hunks == 3
  end, 'three hunks')
  accept_all()
  t.equal(samples.after('second'), editor:lines())
  editor:keys('ggOimport re<Esc>') -- the server follows what is typed
  editor:apply(samples.THREE)
  editor:until_phase('open')
  accept_all()
  t.equal(vim.list_extend({ 'import re' }, samples.after('first', 'second', 'third')), editor:lines())
  editor:cmd(('hide buffer %d'):format(one))
  t.equal(samples.FILE, editor:lines())
  accept_all()
  t.equal(samples.after('first', 'second', 'third'), editor:lines())
  editor:cmd('hide enew')
  editor:apply('def only():\n    return 1\n')
  accept_all()
  t.equal('def only():\n    return 1', vim.trim(table.concat(editor:lines(), '\n')))
  local path = vim.fn.tempname() .. '.py'
  editor:cmd('silent write ' .. path) -- from now on it has a name
  editor:apply('def only():\n    return 2\n')
  accept_all()
  t.equal('def only():\n    return 2', vim.trim(table.concat(editor:lines(), '\n')))
end)

t.run()
