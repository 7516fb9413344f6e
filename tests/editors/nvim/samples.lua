-- Documents and updates that several tests share.

local M = {}

local function lines(text)
  return vim.split(text, '\n', { plain = true, trimempty = true })
end

M.FILE = lines([[
import os


def first(a):
    value = os.path.join(a, "first")
    return value


def second(a):
    value = os.path.join(a, "second")
    return value


def third(a):
    value = os.path.join(a, "third")
    return value
]])

M.THREE = [[
# ... existing code ...

def first(a):
    value = os.path.join(a, "1")
    # ... existing code ...

def second(a):
    value = os.path.join(a, "2")
    # ... existing code ...

def third(a):
    value = os.path.join(a, "3")
    # ... existing code ...
]]

M.ONE = [[
# ... existing code ...

def second(a):
    value = os.path.join(a, "2")
    # ... existing code ...
]]

-- THREE as a diff that fits as it stands: whatever the weights are, it is applied.
M.DIFF = '--- a/a.py\n+++ b/a.py\n'
for number, name in ipairs({ 'first', 'second', 'third' }) do
  local line = 5 * number - 1
  M.DIFF = M.DIFF .. ('@@ -%d,2 +%d,2 @@\n def %s(a):\n'):format(line, line, name)
  M.DIFF = M.DIFF .. ('-    value = os.path.join(a, "%s")\n+    value = os.path.join(a, "%d")\n'):format(name, number)
end

--- FILE with some of its functions as THREE wants them.
function M.after(...)
  local numbers = { first = 1, second = 2, third = 3 }
  local result = vim.deepcopy(M.FILE)
  for _, name in ipairs({ ... }) do
    for i, line in ipairs(result) do
      result[i] = line:gsub(('"%s"'):format(name), ('"%d"'):format(numbers[name]))
    end
  end
  return result
end

--- A file of so many functions, six lines each: long enough, and the rewrite is under way when the next key comes.
function M.functions(count)
  local result = {}
  for n = 0, count - 1 do
    local body = 'def function_%d(value):\n    """Number %d."""\n    return value + %d\n\n'
    vim.list_extend(result, vim.split(body:format(n, n, n), '\n'))
  end
  return result
end

function M.change_function(n)
  local body = '# ... existing code ...\n\ndef function_%d(value):\n    """Number %d."""\n    return value - %d\n\n'
  return body:format(n, n, n) .. '# ... existing code ...\n'
end

return M
