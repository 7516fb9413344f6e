-- A preview from a register: it streams, it is shown by extmarks alone, and hunks are decided one at a time.

package.path = vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/?.lua;' .. package.path
local t = require('harness')
local samples = require('samples')

local editor = t.editor()

local function preview()
  editor:open(samples.FILE)
  editor:apply(samples.THREE)
  editor:until_phase('open')
end

t.test('the preview is on the screen and the buffer is as it was', function()
  editor:open(samples.FILE)
  local tick = editor:api('nvim_buf_get_changedtick', 0)
  editor:apply(samples.DIFF)
  editor:until_phase('open')
  t.equal(samples.FILE, editor:lines())
  t.equal(tick, editor:api('nvim_buf_get_changedtick', 0))
  t.equal(false, editor:lua('return vim.bo.modified'))
  local screen = table.concat(editor:screen(), '\n')
  t.has(screen, '    value = os.path.join(a, "first1")   hunk 1 of 3 · ~1 line\n    return value') -- struck through, added
  t.has(screen, '    value = os.path.join(a, "third3")   hunk 3 of 3 · ~1 line\n    return value')
  t.has(editor:messages(), ('%s:5: 3 hunks (register ", 14 lines)'):format(editor:name()))
end)

t.test('hunks are visited, accepted and rejected one at a time, each accept one undo step', function()
  preview()
  editor:keys('gg]h')
  t.equal({ 5, 0 }, editor:api('nvim_win_get_cursor', 0))
  editor:keys('2]h')
  t.equal({ 15, 0 }, editor:api('nvim_win_get_cursor', 0))
  editor:keys(']h')
  t.equal({ 5, 0 }, editor:api('nvim_win_get_cursor', 0))
  editor:keys('[h[h')
  t.equal({ 10, 0 }, editor:api('nvim_win_get_cursor', 0))
  editor:keys(':FastApplyAccept<CR>')
  editor:wait(function()
    return vim.deep_equal(samples.after('second'), editor:lines())
  end, 'the second hunk')
  editor:keys('gg[h:FastApplyReject<CR>')
  editor:wait(function()
    return editor:lua('return require("fastapply").status().hunks') == 1
  end, 'one hunk left')
  editor:keys(':FastApplyAccept!<CR>')
  editor:until_phase('none')
  t.equal(samples.after('first', 'second'), editor:lines())
  t.equal(0, editor:marks())
  editor:keys('u')
  t.equal(samples.after('second'), editor:lines())
  editor:keys('u')
  t.equal(samples.FILE, editor:lines())
  editor:keys('<C-r><C-r>')
  t.equal(samples.after('first', 'second'), editor:lines())
end)

t.run()
