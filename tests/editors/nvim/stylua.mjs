// node stylua.mjs STYLUA FILES: which Lua files are not as stylua would write them. STYLUA: the folder of its package.
// With STYLUA_WRITE=1 they are written so.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const [folder, ...files] = process.argv.slice(2);
const { Config, formatCode, IndentType, LuaVersion, OutputVerification, QuoteStyle } = createRequire(import.meta.url)(folder);

function style() {
  // Used up by each call.
  return Object.assign(Config.new(), {
    column_width: 120,
    indent_type: IndentType.Spaces,
    indent_width: 2,
    quote_style: QuoteStyle.AutoPreferSingle,
    syntax: LuaVersion.LuaJIT,
  });
}

const off = files.filter((file) => {
  const text = readFileSync(file, "utf8");
  const formatted = formatCode(text, style(), undefined, OutputVerification.None);
  if (formatted !== text && process.env.STYLUA_WRITE) writeFileSync(file, formatted);
  return formatted !== text;
});
for (const file of off) console.log(`not formatted: ${file}`);
process.exit(off.length === 0 ? 0 : 1);
