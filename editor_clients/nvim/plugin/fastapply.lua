-- Commands and <Plug> mappings. Everything else is loaded when one of them is first used.

if vim.g.loaded_fastapply then
  return
end
vim.g.loaded_fastapply = true

if not require('fastapply.version').check() then
  return
end

local function fastapply()
  return require('fastapply')
end

vim.api.nvim_create_user_command('FastApply', function(command)
  fastapply().command(command)
end, {
  nargs = '?',
  bang = true,
  range = true,
  desc = 'Apply a suggested edit: from a register, or from the given lines to the file in the other window',
})

for name, verb in pairs({ FastApplyAccept = 'accept', FastApplyReject = 'reject' }) do
  vim.api.nvim_create_user_command(name, function(command)
    fastapply()[verb]({ all = command.bang, files = command.args == 'files' })
  end, {
    bang = true,
    nargs = '?',
    complete = function()
      return { 'files' }
    end,
    desc = ('%s the hunk under the cursor; with ! all of the file, with `files` all of all files'):format(verb),
  })
end

vim.api.nvim_create_user_command('FastApplyReading', function(command)
  fastapply().reading(tonumber(command.args))
end, { nargs = '?', desc = 'Show another reading of a doubtful update: the next one, or that of a number' })

vim.api.nvim_create_user_command('FastApplyDetails', function()
  fastapply().details()
end, { desc = 'Say what is in doubt, what else the update may mean, and why lines go' })

vim.api.nvim_create_user_command('FastApplyUndo', function()
  fastapply().undo()
end, { desc = 'Take back what the last update has written, in all of its files' })

vim.api.nvim_create_user_command('FastApplyCancel', function()
  fastapply().cancel()
end, { desc = 'Stop the rewrite of this buffer and take its preview away' })

-- Operators: `g@` calls the function that the expression has set.
local function operator(name)
  return function()
    return fastapply().start_operator(name)
  end
end

for name, desc in pairs({
  update = 'Apply the text of the motion to the file in the other window',
  within = 'Apply the register to the lines of the motion and to no others',
}) do
  local plug = name == 'update' and 'fastapply' or 'fastapply-within'
  vim.keymap.set({ 'n', 'x' }, '<Plug>(' .. plug .. ')', operator(name), { expr = true, desc = desc })
end
vim.keymap.set('n', '<Plug>(fastapply-accept)', '<Cmd>FastApplyAccept<CR>')
vim.keymap.set('n', '<Plug>(fastapply-reject)', '<Cmd>FastApplyReject<CR>')
