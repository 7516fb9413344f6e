-- Where updates come from: registers, ranges, selections, operators, Lua; and what cannot be done is said in one line.

package.path = vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/?.lua;' .. package.path
local t = require('harness')
local samples = require('samples')

local editor = t.editor()

local METHOD = 'def second(a):\n    value = os.path.join(a, "2")\n    # ... existing code ...\n'

local function lines_of(text)
  return vim.split(vim.trim(text), '\n')
end

--- The file in one window and a chat in the other, which has the cursor. Returns the file's buffer.
local function chat(text)
  editor:open(samples.FILE)
  local buf = editor:api('nvim_get_current_buf')
  editor:cmd('new | setlocal buftype=nofile bufhidden=wipe')
  editor:api('nvim_buf_set_lines', 0, 0, -1, true, lines_of(text))
  editor:forget_messages()
  return buf
end

local function accepted(buf, expected)
  editor:wait(function()
    return (editor:lua('return require("fastapply").status(...) or {}', buf)).phase == 'open'
  end, 'the preview')
  editor:forget_messages()
  editor:lua('require("fastapply").accept({ buf = ..., all = true })', buf)
  editor:wait(function()
    return vim.deep_equal(expected, editor:api('nvim_buf_get_lines', buf, 0, -1, true))
  end, 'the edit')
  editor:told('accepted') -- it comes after the edit
end

t.test('a named register', function()
  editor:open(samples.FILE)
  editor:lua('vim.fn.setreg("q", ...)', samples.ONE)
  editor:cmd('FastApply q')
  accepted(editor:api('nvim_get_current_buf'), samples.after('second'))
end)

t.test('a visual selection is the update of the file in the other window, fences and all', function()
  local buf = chat('Here is the change:\n```python\n' .. samples.ONE .. '```\nDone.')
  editor:keys('ggVG:FastApply<CR>')
  accepted(buf, samples.after('second'))
end)

t.test('a range with the name of the buffer that it is for', function()
  editor:open(samples.FILE, 'target.py')
  local buf = editor:api('nvim_get_current_buf')
  editor:open(lines_of('no\n' .. samples.ONE .. 'no'), 'notes.txt')
  editor:cmd('2,$-1FastApply target.py')
  accepted(buf, samples.after('second'))
end)

t.test('an operator takes the text of its motion', function()
  local buf = chat('Look:\n\n' .. samples.ONE:gsub('\n\n', '\n') .. '\nDone.')
  editor:cmd('nmap <buffer> gy <Plug>(fastapply)')
  editor:keys('3Ggyip')
  accepted(buf, samples.after('second'))
end)

t.test('the other operator keeps to the lines of its motion', function()
  local twice = vim.list_extend(vim.deepcopy(samples.FILE), samples.FILE) -- only the motion says which is meant
  editor:open(twice)
  editor:lua('vim.fn.setreg("a", ...)', METHOD)
  editor:cmd('nmap <buffer> gY <Plug>(fastapply-within)')
  editor:keys('26G"agYip')
  local expected = vim.list_extend(vim.deepcopy(samples.FILE), samples.after('second'))
  accepted(editor:api('nvim_get_current_buf'), expected)
end)

t.test('a range with ! keeps to the range', function()
  local twice = vim.list_extend(vim.deepcopy(samples.FILE), samples.FILE)
  editor:open(twice)
  editor:lua('vim.fn.setreg("a", ...)', METHOD)
  editor:cmd('9,11FastApply! a')
  local expected = vim.list_extend(samples.after('second'), samples.FILE)
  accepted(editor:api('nvim_get_current_buf'), expected)
end)

t.test('Lua', function()
  editor:open(samples.FILE)
  t.equal(true, editor:lua('return require("fastapply").apply({ update = ... })', samples.ONE))
  accepted(editor:api('nvim_get_current_buf'), samples.after('second'))
end)

--- One line, on the screen's last row, and no rewrite.
local function refused(words)
  editor:told(words)
  local said = vim.split(vim.trim(editor:messages()), '\n')
  t.equal(1, #said, 'one line: ' .. vim.inspect(said))
  t.equal('none', editor:phase() or 'none')
  t.equal(0, editor:marks())
end

t.test('an empty register, and what is not a register', function()
  editor:open(samples.FILE)
  editor:lua('vim.fn.setreg("e", "")')
  editor:forget_messages()
  editor:cmd('FastApply e')
  refused('register e is empty')
  editor:forget_messages()
  editor:cmd('FastApply two')
  refused('`two` is not a register')
end)

t.test('a selection that is for no other window', function()
  editor:cmd('silent! %bwipeout!')
  editor:open(samples.FILE)
  editor:forget_messages()
  editor:keys('V:FastApply<CR>')
  refused('no other window shows a')
  editor:forget_messages()
  editor:cmd('1,2FastApply nowhere')
  refused('no buffer matches `nowhere`')
end)

t.test('buffers that cannot be changed', function()
  editor:open(samples.FILE, 'locked.py')
  editor:cmd('setlocal nomodifiable')
  editor:apply(samples.ONE)
  refused("locked.py cannot be changed: 'modifiable' is off")
  editor:cmd('setlocal modifiable readonly')
  editor:apply(samples.ONE)
  refused('locked.py is read-only')
  editor:cmd('setlocal noreadonly')
  editor:apply(samples.ONE)
  editor:until_phase('open')
  editor:forget_messages()
  editor:cmd('setlocal nomodifiable | FastApplyAccept!')
  editor:told("locked.py cannot be changed: 'modifiable' is off")
  editor:cmd('setlocal modifiable')
  t.equal(samples.FILE, editor:lines())
  accepted(editor:api('nvim_get_current_buf'), samples.after('second'))
end)

t.test('commands without a preview', function()
  editor:cmd('silent! %bwipeout!')
  editor:open(samples.FILE)
  for _, command in ipairs({ 'Accept', 'Reject', 'Reading', 'Cancel' }) do
    editor:forget_messages()
    editor:cmd('FastApply' .. command)
    refused('there is no preview')
  end
end)

t.test('an update that does not fit, and one that changes nothing', function()
  editor:open(samples.FILE)
  editor:apply('# ... existing code ...\nfn alpha() { beta.gamma(); }\n# ... existing code ...\n')
  refused('does not fit: ')
  editor:apply(table.concat(samples.FILE, '\n') .. '\n')
  refused('nothing to change')
end)

t.run()
