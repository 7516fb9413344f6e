-- Words of two lines: which go, which come. Values only.

local M = {}

local diff = vim.text and vim.text.diff or vim.diff
local ALIKE = 0.5 -- of the longer line; lines that share less are not versions of each other
local MOST_PAIRS = 400 -- lines times lines: larger hunks are shown without their words

--- Words, runs of blanks, and other characters one by one.
local function tokens(line)
  local found, at = {}, 1
  while at <= #line do
    local last = select(2, line:find('^[%w_\128-\255]+', at)) or select(2, line:find('^%s+', at)) or at
    table.insert(found, line:sub(at, last))
    at = last + 1
  end
  return found
end

--- The byte offsets, from 0, at which tokens begin, and the end of the last one.
local function offsets(list)
  local found = { 0 }
  for i, token in ipairs(list) do
    found[i + 1] = found[i] + #token
  end
  return found
end

--- What a line becomes: { first, last, new_first, new_last }, bytes from 0, half-open; and how much of both is the
--- same.
function M.diff(old, new)
  local before, after = tokens(old), tokens(new)
  local from, to = offsets(before), offsets(after)
  local changes, same = {}, #old
  local function text(list)
    return #list > 0 and table.concat(list, '\n') .. '\n' or ''
  end
  for _, found in ipairs(diff(text(before), text(after), { result_type = 'indices' })) do
    local first = found[2] > 0 and found[1] or found[1] + 1 -- of none: it stands behind that token
    local new_first = found[4] > 0 and found[3] or found[3] + 1
    local change = { from[first], from[first + found[2]], to[new_first], to[new_first + found[4]] }
    same = same - (change[2] - change[1])
    table.insert(changes, change)
  end
  return changes, same / math.max(#old, #new, 1)
end

--- Which new line is another version of which old one, in their order: new by old, counted from 1.
function M.pairs(old, new)
  local found, next_new = {}, 1
  if #old * #new > MOST_PAIRS then
    return found
  end
  for i, line in ipairs(old) do
    for j = next_new, #new do
      local _, alike = M.diff(line, new[j])
      if line == new[j] or alike >= ALIKE then
        found[i], next_new = j, j + 1
        break
      end
    end
  end
  return found
end

return M
