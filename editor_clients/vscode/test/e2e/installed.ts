// What the end-to-end tests need beside this folder: a VS Code server, a Node.js that runs it, a browser, fastapply.
import { existsSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

export interface Installed {
  node: string;
  serverMain: string;
  browser: string;
  python: string;
  repository: string;
}

const REPOSITORY = resolve(__dirname, "../../../../..");
const TOOLS = process.env["FASTAPPLY_EDITOR_TOOLS"] ?? join(REPOSITORY, ".venv-editors");

/** Where everything is; or the names of what is missing. */
export function installed(): Installed | string[] {
  const node = join(TOOLS, "bin/node");
  const serverMain = join(TOOLS, "code-server/node_modules/code-server/lib/vscode/out/server-main.js");
  const python = process.env["FASTAPPLY_PYTHON"] ?? join(REPOSITORY, ".venv/bin/python");
  const browser = process.env["CHROMIUM"] ?? onPath("chromium") ?? onPath("google-chrome") ?? "";
  const missing = [
    ...(existsSync(node) ? [] : ["Node.js 24 (make test-editors)"]),
    ...(existsSync(serverMain) && existsSync(join(serverMain, "../../node_modules")) ? [] : ["the VS Code server (make test-editors)"]),
    ...(existsSync(browser) ? [] : ["Chromium (apt install chromium)"]),
    ...(existsSync(python) ? [] : ["fastapply in .venv (make test-editors)"]),
  ];
  return missing.length > 0 ? missing : { node, serverMain, browser, python, repository: REPOSITORY };
}

function onPath(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}
