// Finds the language server's program and starts it. Knows nothing of VS Code.
import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";

export interface Wanted {
  /** What the user has set; "" for nothing. */
  path: string;
  folders: readonly string[];
  /** Whether programs of the workspace may be run at all. */
  trusted: boolean;
  env: NodeJS.ProcessEnv;
}

export interface Found {
  program: string;
  from: "setting" | "PATH" | "workspace .venv";
}

export const INSTALL = "pip install 'fastapply[lsp]'";

/** No server: the message says what to do. */
export class ServerNotFoundError extends Error {}

const WINDOWS = process.platform === "win32";
const NAMES = WINDOWS ? ["fastapply.exe", "fastapply.cmd"] : ["fastapply"];

/** The setting, then `PATH`, then a `.venv` of the workspace. */
export async function findServer(wanted: Wanted): Promise<Found> {
  if (wanted.path !== "") return { program: await fromSetting(wanted), from: "setting" };
  for (const folder of (wanted.env["PATH"] ?? wanted.env["Path"] ?? "").split(delimiter)) {
    const program = isAbsolute(folder) ? await first(folder) : undefined; // a relative one would be the workspace's
    if (program !== undefined) return { program, from: "PATH" };
  }
  for (const folder of wanted.trusted ? wanted.folders : []) {
    const program = await first(join(folder, ".venv", WINDOWS ? "Scripts" : "bin"));
    if (program !== undefined) return { program, from: "workspace .venv" };
  }
  const where = wanted.trusted ? "on PATH or in the workspace's .venv" : "on PATH (the .venv of an untrusted workspace is not used)";
  throw new ServerNotFoundError(`there is no fastapply ${where}. Install it: ${INSTALL}. Or set fastapply.server.path.`);
}

async function fromSetting({ path, folders, env }: Wanted): Promise<string> {
  const home = env["HOME"] ?? homedir();
  const plain = path.replace(/^~(?=$|[/\\])/, home).replaceAll("${workspaceFolder}", folders[0] ?? "");
  if (!/[/\\]/.test(plain)) return plain; // a bare name: the system looks it up on PATH
  if (await runs(plain)) return plain;
  throw new ServerNotFoundError(`fastapply.server.path is ${plain}, which is not there or cannot be run. Install the server: ${INSTALL}.`);
}

async function first(folder: string): Promise<string | undefined> {
  for (const name of NAMES) {
    const program = join(folder, name);
    if (await runs(program)) return program;
  }
  return undefined;
}

async function runs(program: string): Promise<boolean> {
  try {
    await access(program, constants.X_OK);
    return (await stat(program)).isFile();
  } catch {
    return false;
  }
}

/** Start the program; `said` gets every line of its standard error. Rejects when it cannot be started. */
export async function startServer(
  program: string,
  args: readonly string[],
  options: { env: NodeJS.ProcessEnv; cwd: string | undefined },
): Promise<ChildProcess> {
  const child = spawn(program, args, { env: options.env, cwd: options.cwd, stdio: "pipe", windowsHide: true });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (error) => {
      reject(new ServerNotFoundError(`${program} cannot be started: ${error.message}. Install the server: ${INSTALL}.`));
    });
  });
  return child;
}
