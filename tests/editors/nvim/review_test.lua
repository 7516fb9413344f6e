-- Reviewing: nothing moves, new lines are laid over the text, keys stand where they act, and go where they should.

package.path = vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/?.lua;' .. package.path
local t = require('harness')
local samples = require('samples')

local editor = t.editor({ arguments = { '--cmd', 'set number' } })

--- FILE with a function more and one less, as a diff that fits.
local DIFF = table.concat({
  '--- a/a.py',
  '+++ b/a.py',
  '@@ -4,2 +4,5 @@',
  ' def first(a):',
  '+    if a is None:',
  '+        return ""',
  '+    # joined by the system',
  '     value = os.path.join(a, "first")',
  '@@ -14,3 +17,1 @@',
  ' def third(a):',
  '-    value = os.path.join(a, "third")',
  '-    return value',
  '+    return None',
  '',
}, '\n')

--- Where each line of the text stands on the screen: row by line, of those that are not covered.
local function rows()
  local found = {}
  for row, shown in ipairs(editor:screen()) do
    local number = shown:match('^%s*(%d+)')
    if number then
      found[tonumber(number)] = row
    end
  end
  return found
end

local function preview(update)
  editor:cmd('silent! %bwipeout!')
  editor:open(samples.FILE, 'a.py')
  editor:apply(update or DIFF)
  editor:until_phase('open')
end

--- Highlight groups of the cell of a window, by its text's syntax, at a byte of a line (both from 1).
local function syntax(window, line, column)
  return editor:lua(
    [[
      local window, line, column = ...
      return vim.api.nvim_win_call(window, function()
        return vim.fn.synIDattr(vim.fn.synIDtrans(vim.fn.synID(line, column, 1)), 'name')
      end)
    ]],
    window,
    line,
    column
  )
end

local function floats()
  return editor:lua([[
    return vim.tbl_filter(function(window)
      return vim.api.nvim_win_get_config(window).relative ~= ''
    end, vim.api.nvim_list_wins())
  ]])
end

t.test('no line of the text moves, down or sideways, while a preview comes and goes', function()
  editor:open(samples.FILE, 'a.py')
  local before = rows()
  local text_offset = editor:lua('return vim.fn.getwininfo(vim.fn.win_getid())[1].textoff')
  editor:apply(DIFF)
  editor:until_phase('open')
  local seen = rows()
  assert(vim.tbl_count(seen) > 8, 'hardly any line is seen')
  for number, row in pairs(seen) do
    t.equal(before[number], row, 'line ' .. number)
  end
  t.equal(text_offset, editor:lua('return vim.fn.getwininfo(vim.fn.win_getid())[1].textoff'), 'the sign column')
  editor:cmd('FastApplyCancel')
  t.equal(before, rows())
  t.equal(0, #floats())
end)

t.test('the new lines of a hunk are laid over the text where they would come, in their colours', function()
  editor:cmd('syntax on')
  preview()
  editor:keys('gg]h')
  local screen = table.concat(editor:screen(), '\n')
  t.has(screen, '  4 def first(a):   hunk 1 of 2 · +3 lines')
  t.has(screen, '▎    if a is None:')
  t.has(screen, '▎        return ""')
  t.has(screen, '▎    # joined by the system')
  local block = vim.tbl_filter(function(window)
    return editor:lua('return vim.api.nvim_win_get_height(...)', window) == 3
  end, floats())[1]
  local line = editor:lua('return vim.fn.line("w0", ...)', block)
  local first = editor:lua('return vim.fn.getbufline(vim.fn.winbufnr(...), vim.fn.line("w0", ...))[1]', block)
  t.equal('    if a is None:', first)
  t.equal({ 'Statement', 'Comment' }, { syntax(block, line, 5), syntax(block, line + 2, 8) })
end)

t.test('keys stand in the bar, and accept and reject go on to the next hunk', function()
  preview()
  editor:keys('gg')
  t.equal('a.py  hunk 1 of 2  <CR> accept  <BS> reject  g<CR> all  g<BS> cancel  g? why', editor:bar())
  editor:keys('<CR>')
  editor:wait(function()
    return vim.deep_equal({ 18, 0 }, editor:api('nvim_win_get_cursor', 0)) -- three lines have come above it
  end, 'the second hunk')
  t.has(editor:bar(), 'hunk 1 of 1')
  editor:keys('<BS>')
  editor:told('1 accepted, 1 rejected; :FastApplyUndo takes it back')
  t.equal(19, #editor:lines())
  editor:keys(':FastApplyUndo<CR>')
  editor:told('undone: a.py')
  t.equal(samples.FILE, editor:lines())
  t.equal('', editor:lua('return vim.fn.maparg("<CR>", "n")'))
end)

t.test('keys typed ahead mean one hunk after the other', function()
  preview()
  editor:keys('gg<CR><CR>')
  editor:told('2 accepted, 0 rejected')
  t.equal('    return None', editor:lines()[#editor:lines()])
end)

t.test('commands mean the preview from any window, and the hunks are in the quickfix list', function()
  preview()
  local list = editor:lua('return vim.tbl_map(function(e) return { e.lnum, e.text } end, vim.fn.getqflist())')
  t.equal({
    { 4, 'hunk 1 of 2 · +3 lines · if a is None:' },
    { 15, 'hunk 2 of 2 · -2 +1 lines · return None' },
  }, list)
  editor:cmd('copen | 2')
  editor:cmd('FastApplyReject')
  editor:wait(function()
    return #editor:lua('return vim.fn.getqflist()') == 1
  end, 'one hunk')
  editor:cmd('cclose | botright vnew')
  editor:cmd('FastApplyAccept')
  editor:told('1 accepted, 1 rejected')
  editor:cmd('bwipeout!')
  t.equal('    if a is None:', editor:lines()[5])
end)

t.test('a hunk that is not on the screen is shown first', function()
  editor:cmd('silent! %bwipeout!')
  editor:open(samples.functions(60), 'long.py')
  editor:apply(samples.change_function(50))
  editor:until_phase('open')
  editor:keys('gg')
  editor:cmd('FastApplyAccept')
  editor:told('long.py:253: hunk 1 of 1: again to accept it')
  t.equal(253, editor:api('nvim_win_get_cursor', 0)[1])
  t.equal('    return value + 50', editor:lines()[253])
  editor:cmd('FastApplyAccept')
  editor:until_phase('none')
  t.equal('    return value - 50', editor:lines()[253])
end)

t.test('what is in doubt stands in a float, and another reading is a key away', function()
  local body = { '    x = 1', '    log(x)', '    return x' }
  local lines = vim.iter({ 'def a():', body, '', 'def b():', body }):flatten():totable()
  editor:open(lines, 'twins.py')
  editor:apply('    x = 1\n    log(x)\n    check(x)\n    return x\n')
  editor:until_phase('open')
  editor:told('twins.py:')
  t.has(editor:messages(), 'to review: g? says why')
  local first = editor:api('nvim_buf_get_extmarks', 0, editor:api('nvim_get_namespaces')['fastapply.hunks'], 0, -1, {})
  editor:keys('g?')
  local screen = table.concat(editor:screen(), '\n')
  t.has(screen, 'twins.py: register ", 4 lines')
  t.has(screen, 'Reading 2')
  t.has(screen, '@@ -')
  assert(not screen:find('--- a/', 1, true), 'the file is named again')
  editor:keys('hl') -- takes the float away
  t.has(editor:bar(), 'go other')
  editor:keys('go')
  editor:told('twins.py: reading 2 of ')
  local second = editor:api('nvim_buf_get_extmarks', 0, editor:api('nvim_get_namespaces')['fastapply.hunks'], 0, -1, {})
  assert(first[1][2] ~= second[1][2], 'the hunk is where it was')
  editor:keys('<CR>')
  editor:until_phase('none')
  t.equal(#lines + 1, #editor:lines())
  t.equal('    check(x)', editor:lines()[second[1][2] + 1])
end)

t.test('an update for several files: one list, one message, each file accepted or rejected, one undo', function()
  editor:cmd('silent! %bwipeout!')
  local texts = { ['one.py'] = samples.FILE, ['two.py'] = samples.FILE }
  editor:open(samples.FILE, 'two.py')
  editor:open(samples.FILE, 'one.py')
  local update = samples.DIFF:gsub('a%.py', 'one.py') .. samples.DIFF:gsub('a%.py', 'two.py')
  update = update .. '--- /dev/null\n+++ b/new.py\n@@ -0,0 +1 @@\n+NEW = 1\n'
  editor:apply('```diff\n' .. update .. '```\nThen run:\n```sh\npytest\n```\n')
  editor:told('3 files, 7 hunks; left out: `pytest` (register ", ')
  local names = editor:lua([[
    return vim.tbl_map(function(entry)
      return entry.bufnr > 0 and vim.fs.basename(vim.fn.bufname(entry.bufnr)) or entry.text
    end, vim.fn.getqflist())
  ]])
  local files = { 'one.py', 'one.py', 'one.py', 'two.py', 'two.py', 'two.py', 'new.py' }
  t.equal(vim.list_extend(files, { 'left out: `pytest`' }), names)
  t.has(table.concat(editor:screen(), '\n'), 'hunk 1 of 3 · ~1 line')
  editor:keys(':FastApplyReject!<CR>') -- one.py
  editor:wait(function()
    return editor:name() == 'two.py'
  end, 'the second file')
  editor:cmd('FastApplyAccept files')
  editor:told('4 accepted, 3 rejected')
  local function lines(name)
    return editor:lua('return vim.fn.getbufline(vim.fn.bufnr(...), 1, "$")', name)
  end
  t.equal(samples.FILE, lines('one.py'))
  t.equal(samples.after('first', 'second', 'third'), lines('two.py'))
  t.equal({ 'NEW = 1' }, lines('new.py'))
  editor:cmd('FastApplyUndo')
  editor:told('undone: new.py, two.py')
  t.equal({ texts['two.py'], { '' } }, { lines('two.py'), lines('new.py') })
  editor:cmd('cclose')
end)

t.test('files that changed since are not undone behind the back', function()
  preview()
  editor:cmd('FastApplyAccept!')
  editor:until_phase('none')
  editor:keys('Goz = 1<Esc>')
  editor:cmd('FastApplyUndo')
  editor:told('nothing was undone: a.py changed since')
  t.equal('z = 1', editor:lines()[#editor:lines()])
end)

t.test('without a preview the details are the last message in full', function()
  editor:cmd('silent! %bwipeout!')
  editor:open(samples.FILE, 'a.py')
  editor:apply('nothing(of, this.stands)\n')
  editor:until_phase('none')
  editor:told('a.py: does not fit: ')
  editor:cmd('FastApplyDetails')
  t.has(table.concat(editor:screen(), ' '), 'is meant for this file')
end)

t.run()
