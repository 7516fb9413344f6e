-- With the embedded model, once: it loads, writes, says how fast, and the edit is right.

package.path = vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/?.lua;' .. package.path
local t = require('harness')
local samples = require('samples')

t.test('the model writes, the progress line says how fast, and the hunks are its own', function()
  -- One thread: two on a busy machine wait for each other.
  local editor = t.editor({ setup = { server = { model = 'fastapply-135m', threads = 1 } } })
  editor:open(samples.FILE)
  editor:keys('gg')
  editor:apply(samples.THREE)
  editor:wait(function()
    return editor:bar():match('writing, %d+ tokens/s')
  end, 'tokens per second')
  editor:until_phase('open')
  t.equal(samples.FILE, editor:lines())
  local status = editor:lua([[
    local client = vim.lsp.get_clients({ name = 'fastapply' })[1]
    return client:request_sync('fastapply/status', vim.empty_dict(), 10000).result.model
  ]])
  t.equal({ 'ready', false }, { status.state, status.alignmentOnly })
  editor:cmd('FastApplyAccept!')
  editor:until_phase('none')
  t.equal(samples.after('first', 'second', 'third'), editor:lines())
end)

t.run()
