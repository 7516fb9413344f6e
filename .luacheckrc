-- Neovim's Lua is LuaJIT, and `vim` is its API.
std = 'luajit'
globals = { 'vim' }
max_line_length = 120
