// Bundle the extension, and with --tests its tests, each into one file.
import { readdirSync, rmSync } from "node:fs";
import { build } from "esbuild";

const minify = process.argv.includes("--minify");
const common = { bundle: true, platform: "node", target: "node20", format: "cjs", sourcemap: !minify, logLevel: "warning" };

await build({
  ...common,
  minify,
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.js",
  external: ["vscode"], // the editor's own module
});

if (process.argv.includes("--tests")) {
  rmSync("dist/test", { recursive: true, force: true });
  const files = (folder) => readdirSync(folder).filter((name) => name.endsWith(".ts")).map((name) => `${folder}/${name}`);
  await build({
    ...common,
    entryPoints: [...files("test/unit"), ...files("test/e2e"), "test/e2e/suite/index.ts"],
    outdir: "dist/test",
    outbase: "test",
    external: ["vscode", "mocha", "playwright-core"],
  });
}
