-- Which document of the server a buffer is.
--
-- Named buffers are kept up to date by Neovim's own client. It gives every unnamed buffer the same URI, so those are
-- kept up to date here: each under a URI of its own, by its whole text.

local M = {}

local api = vim.api
local unnamed = {} ---@type table<integer, { uri: string, client: vim.lsp.Client, version: integer, dirty: boolean }>

local ENDS = { unix = '\n', dos = '\r\n', mac = '\r' }

local function text_of(buf)
  local line_end = ENDS[vim.bo[buf].fileformat]
  return table.concat(api.nvim_buf_get_lines(buf, 0, -1, true), line_end) .. (vim.bo[buf].eol and line_end or '')
end

--- Open the buffer on the server unless it is open there.
function M.open(client, buf)
  if api.nvim_buf_get_name(buf) ~= '' then
    return vim.lsp.buf_attach_client(buf, client.id)
  end
  if unnamed[buf] and unnamed[buf].client.id == client.id then
    return true
  end
  M.close(buf)
  local document = {
    uri = 'untitled:Untitled-' .. buf,
    client = client,
    version = api.nvim_buf_get_changedtick(buf),
    dirty = false,
  }
  unnamed[buf] = document
  client:notify('textDocument/didOpen', {
    textDocument = {
      uri = document.uri,
      languageId = vim.bo[buf].filetype,
      version = document.version,
      text = text_of(buf),
    },
  })
  return api.nvim_buf_attach(buf, false, {
    on_lines = function(_, _, tick)
      if unnamed[buf] ~= document then
        return true
      end
      document.version = tick
      if not document.dirty then
        document.dirty = true
        vim.schedule(function() -- once for all changes of one command
          M.flush(buf)
        end)
      end
    end,
    on_reload = function()
      M.close(buf)
      return true
    end,
    on_detach = function()
      M.close(buf)
    end,
  })
end

--- Tell the server of changes that it does not know yet. Neovim's client does that itself for named buffers.
function M.flush(buf)
  local document = unnamed[buf]
  if document and document.dirty and api.nvim_buf_is_loaded(buf) then
    document.dirty = false
    document.client:notify('textDocument/didChange', {
      textDocument = { uri = document.uri, version = document.version },
      contentChanges = { { text = text_of(buf) } },
    })
  end
end

--- Close an unnamed buffer on the server: it has gone, or has a name now.
function M.close(buf)
  local document = unnamed[buf]
  unnamed[buf] = nil
  if document and not document.client:is_stopped() then
    document.client:notify('textDocument/didClose', { textDocument = { uri = document.uri } })
  end
end

--- The buffer is about to get another name: close it on the server while the old one still holds.
function M.detach(buf)
  M.close(buf)
  for _, client in ipairs(vim.lsp.get_clients({ name = 'fastapply', bufnr = buf })) do
    vim.lsp.buf_detach_client(buf, client.id)
  end
end

function M.uri(buf)
  return unnamed[buf] and unnamed[buf].uri or vim.uri_from_bufnr(buf)
end

--- The buffer of a URI of the server, and its version there as soon as all changes have been sent. Nil: not open.
function M.find(client, uri)
  for buf, document in pairs(unnamed) do
    if document.uri == uri then
      return buf, document.version
    end
  end
  for buf in pairs(client.attached_buffers) do
    if vim.uri_from_bufnr(buf) == uri then
      return buf, vim.lsp.util.buf_versions[buf]
    end
  end
end

return M
