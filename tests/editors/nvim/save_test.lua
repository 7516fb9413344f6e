-- Saving by hand and by itself, and formatters at saving: no preview is written, none is spoilt, nothing is lost.

package.path = vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/?.lua;' .. package.path
local t = require('harness')
local samples = require('samples')

local editor = t.editor()

local function preview(update, name)
  local path = editor:open(samples.FILE, name)
  editor:apply(update or samples.THREE)
  editor:until_phase('open')
  return path
end

--- What is in the buffer and on the disk.
local function both(expected, path, what)
  t.equal(expected, editor:lines(), what)
  t.equal(expected, vim.fn.readfile(path), what)
end

--- A formatter that runs before each write of the buffer.
local function formatter(command)
  editor:cmd('autocmd BufWritePre <buffer> ' .. command)
end

local function accept_all()
  editor:cmd('FastApplyAccept!')
  editor:until_phase('none')
end

t.test('saving writes no preview, and a formatter at saving moves it', function()
  local path = preview()
  formatter([[call append(0, '# formatted') | silent %substitute/^    return value$/    return  value/]])
  editor:cmd('silent write')
  local function formatted(lines)
    return vim.list_extend(
      { '# formatted' },
      vim.tbl_map(function(line)
        return (line:gsub('return value', 'return  value'))
      end, lines)
    )
  end
  both(formatted(samples.FILE), path)
  editor:keys('gg]h')
  t.equal('    value = os.path.join(a, "first")', editor:api('nvim_get_current_line'))
  accept_all()
  t.equal(formatted(samples.after('first', 'second', 'third')), editor:lines())
end)

t.test('auto-save writes only what was accepted, whatever sets it off', function()
  local path = preview()
  -- What plugins that save by themselves listen to, and Neovim's own option.
  editor:cmd('set autowriteall updatetime=50')
  editor:cmd('autocmd TextChanged,InsertLeave,CursorHold,BufLeave,FocusLost <buffer> silent update')
  -- Keys and the events that they set off are not answered: what is typed comes a little later, and is saved then.
  local function saved(expected, what)
    editor:wait(function()
      return not editor:lua('return vim.bo.modified')
        and vim.deep_equal(expected, editor:lines())
        and vim.deep_equal(expected, vim.fn.readfile(path))
    end, what)
  end
  local written = vim.uv.fs_stat(path).mtime
  editor:keys('gg]h') -- CursorHold
  vim.uv.sleep(200)
  editor:cmd('doautocmd <nomodeline> FocusLost')
  t.equal(written, vim.uv.fs_stat(path).mtime, 'a preview alone is nothing to save')
  saved(samples.FILE, 'a preview')
  editor:cmd('FastApplyAccept')
  editor:wait(function()
    return editor:lua('return require("fastapply").status().hunks') == 2
  end, 'two hunks')
  editor:keys('gg') -- TextChanged comes when the editor waits for keys again
  saved(samples.after('first'), 'one accepted')
  editor:keys('Go# typed<Esc>')
  local expected = samples.after('first')
  expected[#expected + 1] = '# typed'
  saved(expected, 'typed')
  editor:cmd('enew')
  editor:cmd('buffer #')
  saved(expected, 'left and entered again')
  t.equal(2, editor:lua('return require("fastapply").status().hunks'))
  accept_all()
  editor:keys('gg')
  expected = samples.after('first', 'second', 'third')
  expected[#expected + 1] = '# typed'
  saved(expected, 'all accepted')
  editor:keys('u')
  editor:wait(function()
    return vim.deep_equal(vim.list_extend(samples.after('first'), { '# typed' }), editor:lines())
  end, 'one undo step')
  editor:cmd('set noautowriteall updatetime&')
end)

t.test('auto-save and a formatter while the rewrite runs', function()
  local path = preview(samples.ONE)
  editor:cmd('FastApplyCancel')
  formatter([[call append(0, '# formatted')]])
  local go_on = editor:pause()
  editor:apply(samples.THREE)
  editor:keys('Go# typed<Esc>')
  editor:wait(function()
    return vim.tbl_contains(editor:lines(), '# typed')
  end, 'what is typed')
  editor:cmd('silent update')
  local formatted = vim.list_extend({ '# formatted' }, samples.FILE)
  formatted[#formatted + 1] = '# typed'
  both(formatted, path)
  go_on()
  editor:until_phase('open')
  accept_all()
  local expected = vim.list_extend({ '# formatted' }, samples.after('first', 'second', 'third'))
  expected[#expected + 1] = '# typed'
  t.equal(expected, editor:lines())
end)

t.test('a formatter that puts every line anew takes the preview away, and not one line of the file', function()
  local path = preview()
  formatter([[%!cat]])
  editor:cmd('silent write')
  both(samples.FILE, path)
  editor:until_phase('none')
  t.equal(0, editor:marks())
  editor:apply(samples.THREE)
  editor:until_phase('open')
  accept_all()
  editor:cmd('silent write')
  both(samples.after('first', 'second', 'third'), path)
end)

t.run()
