// Builds the playground's script into the Python package, with the licences of what is bundled beside it.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as esbuild from "esbuild";

const OUT = "../fastapply/http/page";

// The test of the page compares this with the sources: a script that was not built anew is found.
const sources = [...readdirSync("src").map((name) => join("src", name)), "package-lock.json", "build.mjs"].sort();
const digest = createHash("sha256");
for (const name of sources) digest.update(readFileSync(name));

const built = await esbuild.build({
  entryPoints: ["src/main.ts"],
  outfile: join(OUT, "playground.js"),
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  metafile: true,
  banner: { js: `/* fastapply playground, Apache-2.0; contains CodeMirror, MIT: see LICENCES.txt. ${digest.digest("hex")} */` },
});

const packages = new Set();
for (const path of Object.keys(built.metafile.inputs)) {
  const found = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path);
  if (found) packages.add(found[1]);
}
const notices = [...packages].sort().map((name) => {
  const { version, license } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8"));
  if (license !== "MIT") throw new Error(`${name} is under ${license}, not MIT`);
  return `${name} ${version}\n\n${readFileSync(`node_modules/${name}/LICENSE`, "utf8").trim()}\n`;
});
writeFileSync(join(OUT, "LICENCES.txt"), `playground.js contains these packages.\n\n${notices.join("\n---\n\n")}`);
