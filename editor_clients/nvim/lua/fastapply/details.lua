-- All there is to say of a rewrite, as Markdown for a float: what is in doubt, the other readings, why lines go.

local config = require('fastapply.config')

local M = {}

local STATUS = { applied = 'sure', needs_review = 'look at it' }

local function add(lines, text, ...)
  vim.list_extend(lines, vim.split(text:format(...), '\n', { plain = true }))
end

local function add_reading(lines, session, reading)
  local shown = reading.number == session.reading and ', shown' or ''
  local share = reading.share and (', %d %%'):format(math.floor(100 * reading.share + 0.5)) or ''
  add(lines, '\n**Reading %d**%s%s', reading.number, share, shown)
  if reading.diff ~= '' then
    add(lines, '```diff')
    -- without the two lines that name the file: its name stands above
    vim.list_extend(lines, vim.list_slice(vim.split(vim.trim(reading.diff), '\n', { plain = true }), 3))
    add(lines, '```')
  end
end

--- `hunk`: the one under the cursor.
function M.lines(session, hunk)
  local answer, lines = session.answer, {}
  local by = answer.model.alignmentOnly and 'by alignment alone' or answer.model.name
  add(lines, '**%s**: %s', session.name, session.source or 'an edit')
  add(lines, '%s, confidence %.2f, %s', STATUS[answer.status] or answer.status, answer.confidence, by)
  for _, check in ipairs(answer.checks) do
    if not check.ok then
      add(lines, '\n%s', check.detail)
    end
  end
  for _, reading in ipairs(session.readings or {}) do
    add_reading(lines, session, reading)
  end
  for i, reason in ipairs(hunk and hunk.reasons or {}) do
    add(lines, '%s- line %d: %s', i == 1 and '\n**Why lines go here**\n' or '', reason.startLine + 1, reason.detail)
  end
  local keys = {}
  for _, name in ipairs({ 'next', 'prev', 'accept', 'reject', 'other', 'all', 'cancel' }) do
    if config.values.keys[name] then
      table.insert(keys, ('`%s` %s'):format(config.values.keys[name], name))
    end
  end
  add(lines, '\n%s', table.concat(keys, ' · '))
  return lines
end

--- A float with the last message in full, where there is nothing else to tell.
function M.open_message(text)
  vim.lsp.util.open_floating_preview({ text }, 'plaintext', { focus_id = 'fastapply', border = 'rounded', wrap = true })
end

--- A float as those of Neovim's own hover: it goes when the cursor moves; asked for twice, it is entered.
function M.open(session, hunk)
  vim.lsp.util.open_floating_preview(M.lines(session, hunk), 'markdown', {
    focus_id = 'fastapply',
    border = 'rounded',
    max_width = math.max(20, math.min(100, vim.o.columns - 4)),
  })
end

return M
