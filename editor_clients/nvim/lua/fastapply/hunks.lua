-- Hunks: rows of a buffer and the lines that take their place. Values only: knows neither server, buffer nor screen.
--
-- A hunk is { id, first, last, lines }: rows first..last-1, counted from 0, become `lines`.
-- A change is { first, last, grown }: rows first..last-1 of the buffer before it; `grown` is how many rows it added.

local M = {}

--- The lines of a text, by the line ends that its buffer has ('fileformat'). A line end at the end ends the last line.
function M.split(text, fileformat)
  if text == '' then
    return {}
  end
  local lines = vim.split(text, fileformat == 'mac' and '\r' or '\n', { plain = true })
  if lines[#lines] == '' then
    table.remove(lines)
  end
  if fileformat == 'dos' then
    for i, line in ipairs(lines) do
      lines[i] = line:gsub('\r$', '')
    end
  end
  return lines
end

--- A hunk of the server, or an edit. They always take whole lines; one that ends behind the last character of a text
--- without a final line end takes its last line.
function M.from_server(said, fileformat)
  local range = said.range
  local last = range['end'].line + (range['end'].character > 0 and 1 or 0)
  local lines = M.split(said.newText, fileformat)
  return { id = said.id, first = range.start.line, last = last, lines = lines, reasons = said.reasons }
end

--- The hunk after a change; nil where both touch the same row, or insert at the same place.
function M.rebase(hunk, change)
  local both_insert = hunk.first == hunk.last and change.first == change.last
  if both_insert and hunk.first == change.first then
    return nil
  end
  if not both_insert and hunk.first < change.last and change.first < hunk.last then
    return nil
  end
  if change.last > hunk.first then
    return hunk
  end
  local moved = { first = hunk.first + change.grown, last = hunk.last + change.grown }
  return vim.tbl_extend('force', hunk, moved)
end

--- Where a row of the buffer is once these hunks, first to last, have been applied.
function M.row_after(hunks, row)
  local grown = 0
  for _, hunk in ipairs(hunks) do
    if hunk.last <= row then
      grown = grown + #hunk.lines - (hunk.last - hunk.first)
    elseif hunk.first <= row then
      -- Inside: as far into the new lines as it was into the old ones.
      return hunk.first + grown + math.min(row - hunk.first, math.max(#hunk.lines - 1, 0))
    end
  end
  return row + grown
end

--- The row that stands for a hunk: its first, or the one above lines that are only added.
function M.anchor(hunk)
  return hunk.first == hunk.last and math.max(hunk.first - 1, 0) or hunk.first
end

--- The hunk at a row: one that replaces it, else one that adds lines below it, else one that adds lines above it.
function M.at(hunks, row)
  local below, above
  for _, hunk in ipairs(hunks) do
    if hunk.first <= row and row < hunk.last then
      return hunk
    elseif hunk.first == hunk.last then
      below = below or (M.anchor(hunk) == row and hunk) or nil
      above = above or (hunk.first == row and hunk) or nil
    end
  end
  return below or above
end

--- The hunk at a row, else the one that is the fewest rows away, and its number; nil if there is none.
function M.nearest(hunks, row)
  local best, number, least
  local here = M.at(hunks, row)
  for i, hunk in ipairs(hunks) do
    local away = hunk == here and -1 or math.max(M.anchor(hunk) - row, row - math.max(hunk.last - 1, M.anchor(hunk)))
    if not least or away < least then
      best, number, least = hunk, i, away
    end
  end
  return best, number
end

--- How many lines go and come, for a person.
function M.size(hunk)
  local gone, new = hunk.last - hunk.first, #hunk.lines
  if gone == 0 then
    return ('+%d %s%s'):format(new, new == 1 and 'line' or 'lines', hunk.last == 0 and ' above' or '')
  elseif new == 0 then
    return ('-%d %s'):format(gone, gone == 1 and 'line' or 'lines')
  end
  return hunk.in_lines and ('~%d %s'):format(new, new == 1 and 'line' or 'lines') or ('-%d +%d lines'):format(gone, new)
end

--- The lines with these hunks, first to last, in place; and the row at which each of them begins there.
function M.applied(hunks, lines)
  local result, starts, at = {}, {}, 0
  for i, hunk in ipairs(hunks) do
    vim.list_extend(result, lines, at + 1, hunk.first)
    starts[i] = #result
    vim.list_extend(result, hunk.lines)
    at = hunk.last
  end
  vim.list_extend(result, lines, at + 1, #lines)
  return result, starts
end

--- The hunk `count` further from a row (negative: back), around the ends, and whether it went around; nil if there is
--- none.
function M.from(hunks, row, count)
  if #hunks == 0 then
    return nil
  end
  local before, here = 0, 0 -- hunks above the row, and at it
  for _, hunk in ipairs(hunks) do
    if M.anchor(hunk) < row then
      before = before + 1
    elseif M.anchor(hunk) == row then
      here = here + 1
    end
  end
  local index = count > 0 and before + here + count or before + 1 + count
  return hunks[(index - 1) % #hunks + 1], index < 1 or index > #hunks
end

return M
