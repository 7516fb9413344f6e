-- Cursors, views, marks, undo: an accept changes the lines of its hunks and nothing else that a user sees.

package.path = vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/?.lua;' .. package.path
local t = require('harness')
local samples = require('samples')

local editor = t.editor()
local LINES = samples.functions(40)

--- An update that makes a function longer by three lines, and another one shorter by one.
local UPDATE = [[
# ... existing code ...

def function_2(value):
    """Number 2."""
    one = 1
    two = 2
    three = 3
    return value + 2

# ... existing code ...

def function_30(value):
    return value + 30

# ... existing code ...
]]

local function expected()
  local lines = vim.deepcopy(LINES)
  for i = #lines, 1, -1 do
    if lines[i] == '    """Number 30."""' then
      table.remove(lines, i)
    elseif lines[i] == '    """Number 2."""' then
      for n, word in ipairs({ 'one', 'two', 'three' }) do
        table.insert(lines, i + n, ('    %s = %d'):format(word, n))
      end
    end
  end
  return lines
end

--- In every window: the text of the line at the top and of the one with the cursor, and the column.
local function places()
  return editor:lua([[
    local found = {}
    for _, window in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
      if vim.api.nvim_win_get_config(window).relative == '' then
        found[#found + 1] = vim.api.nvim_win_call(window, function()
          local view = vim.fn.winsaveview()
          return { vim.fn.getline(view.topline), vim.fn.getline(view.lnum), view.col, view.leftcol }
        end)
      end
    end
    return found
  ]])
end

local function preview(update)
  editor:open(LINES)
  editor:apply(update or UPDATE)
  editor:until_phase('open')
end

t.test('cursor and view stay on their text in every window, through preview, accept and undo', function()
  editor:open(LINES)
  editor:keys('100Gzt5j3l')
  editor:cmd('botright split')
  editor:keys('gg20Gzt')
  local before = places()
  editor:apply(UPDATE)
  editor:until_phase('open')
  t.equal(before, places(), 'while it is previewed')
  editor:cmd('FastApplyAccept!')
  editor:until_phase('none')
  t.equal(expected(), editor:lines())
  t.equal(before, places(), 'after the accept')
end)

t.test('a cursor in a hunk stays in it', function()
  editor:open(LINES)
  editor:apply(samples.change_function(20))
  editor:until_phase('open')
  editor:keys(']h4l')
  local cursor = editor:api('nvim_win_get_cursor', 0)
  t.equal('    return value + 20', editor:api('nvim_get_current_line'))
  editor:cmd('FastApplyAccept')
  editor:until_phase('none')
  t.equal(cursor, editor:api('nvim_win_get_cursor', 0))
  t.equal('    return value - 20', editor:api('nvim_get_current_line'))
end)

t.test('a cursor and a view inside a hunk that grows stay inside, as far down', function()
  editor:open(LINES)
  local update = '# ... existing code ...\n\ndef function_20(value, other, more):\n    "one"\n    "two"\n'
  editor:apply(update .. '    "three"\n    return other\n\n# ... existing code ...\n')
  editor:until_phase('open')
  editor:keys('gg]hjzt6l')
  t.equal('    """Number 20."""', editor:api('nvim_get_current_line'))
  local cursor = editor:api('nvim_win_get_cursor', 0)
  editor:cmd('FastApplyAccept')
  editor:until_phase('none')
  t.equal(cursor, editor:api('nvim_win_get_cursor', 0))
  t.equal('    "one"', editor:api('nvim_get_current_line'))
  t.equal(cursor[1], editor:lua('return vim.fn.line("w0")'))
end)

t.test('marks stay, in the hunks too', function()
  preview()
  editor:lua([[
    local function at(text) return vim.fn.search('\\V' .. text, 'cnw') end
    vim.api.nvim_buf_set_mark(0, 'a', at('Number 1.'), 2, {})
    vim.api.nvim_buf_set_mark(0, 'b', at('Number 30.'), 4, {})
    vim.api.nvim_buf_set_mark(0, 'c', at('Number 35.'), 6, {})
  ]])
  editor:cmd('FastApplyAccept!')
  editor:until_phase('none')
  local function line(mark)
    return editor:lines()[editor:api('nvim_buf_get_mark', 0, mark)[1]]
  end
  t.equal('    """Number 1."""', line('a'))
  t.has(line('b'), '30')
  t.equal('    """Number 35."""', line('c'))
end)

t.test('one undo step, apart from what is typed before and after, in insert mode too', function()
  preview()
  editor:keys('GA # typed')
  editor:lua('require("fastapply").accept({ all = true })')
  editor:until_phase('none')
  t.equal('i', editor:api('nvim_get_mode').mode)
  editor:keys(' more<Esc>')
  local done = expected()
  done[#done] = done[#done] .. ' # typed more'
  t.equal(done, editor:lines())
  editor:keys('u')
  done[#done] = LINES[#LINES] .. ' # typed'
  t.equal(done, editor:lines())
  editor:keys('u')
  local typed = vim.deepcopy(LINES)
  typed[#typed] = typed[#typed] .. ' # typed'
  t.equal(typed, editor:lines())
  editor:keys('u')
  t.equal(LINES, editor:lines())
end)

t.test('mappings of the buffer come back, and "]h" is nobody\'s without a preview', function()
  editor:open(LINES)
  editor:cmd('nnoremap <buffer> ]h :let g:mine = 1<CR>')
  local function mapping()
    return editor:lua('return vim.fn.maparg("]h", "n")')
  end
  t.equal(':let g:mine = 1<CR>', mapping())
  editor:apply(UPDATE)
  editor:until_phase('open')
  assert(mapping() ~= ':let g:mine = 1<CR>')
  editor:cmd('FastApplyReject!')
  editor:until_phase('none')
  t.equal(':let g:mine = 1<CR>', mapping())
  t.equal('', editor:lua('return vim.fn.maparg("[h", "n")'))
  t.equal(LINES, editor:lines())
end)

t.run()
