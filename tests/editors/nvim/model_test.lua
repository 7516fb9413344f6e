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

t.test("the alignment's preview stands at once, while the model is loaded or asked", function()
  local editor = t.editor({ setup = { server = { model = 'fastapply-135m', threads = 1 }, attach = true } })
  editor:open(samples.FILE, 'a.py')
  editor:wait(function()
    return editor:lua([[
      local client = vim.lsp.get_clients({ name = 'fastapply' })[1]
      if not client or not client.initialized then
        return false
      end
      return client:request_sync('fastapply/status', vim.empty_dict(), 9000).result.model.state ~= 'off'
    ]])
  end, 'a server that has begun to load its model')
  editor:lua([[
    _G.began = vim.uv.hrtime()
    local timer = assert(vim.uv.new_timer())
    timer:start(0, 5, vim.schedule_wrap(function()
      local status = require('fastapply').status()
      if status and status.phase == 'running' and status.hunks > 0 and not _G.draft then
        _G.draft = (vim.uv.hrtime() - _G.began) / 1e9
      end
    end))
  ]])
  editor:apply(samples.THREE)
  editor:wait(function()
    -- A quiet machine may have loaded it by now, and read it before the bar is looked at.
    return editor:bar():find('hunk 1 of 3 (draft)', 1, true) or editor:lua('return _G.draft ~= nil')
  end, 'the draft')
  t.equal(samples.FILE, editor:lines())
  editor:until_phase('open')
  io.write(('the draft stood after %.2f s\n'):format(editor:lua('return _G.draft')))
  t.has(editor:messages(), 'a.py:5: 3 hunks (register ", 13 lines)') -- none of them changed by the model
end)

t.run()
