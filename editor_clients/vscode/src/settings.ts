// What the user has set, section `fastapply`: for the client itself, and for the server.
import { workspace } from "vscode";

export const SECTION = "fastapply";

export interface Settings {
  previewIn: "editor" | "diffEditor";
  previewLines: number;
  server: { path: string; args: string[]; env: Record<string, string>; maxRestarts: number };
}

/** Read anew at every use: a change needs no reload, but for the server's program. */
export function settings(): Settings {
  const config = workspace.getConfiguration(SECTION);
  return {
    previewIn: config.get("previewIn", "editor"),
    previewLines: config.get("previewLines", 40),
    server: {
      path: config.get("server.path", "").trim(),
      args: config.get("server.args", ["lsp", "--stdio"]),
      env: config.get("server.env", {}),
      maxRestarts: config.get("server.maxRestarts", 3),
    },
  };
}

const SERVER_OPTIONS = ["model", "device", "dtype", "drafter", "guideStrength", "threads", "cacheDir", "warm"] as const;

/** The server's own options: it complains of names that it does not know. What is null or empty is not set. */
export function serverOptions(): Record<string, unknown> {
  const config = workspace.getConfiguration(SECTION);
  const options: Record<string, unknown> = { preview: "draft" };
  for (const name of SERVER_OPTIONS) {
    const value: unknown = config.get(name);
    options[name] = value === "" || value === undefined ? null : value;
  }
  return options;
}
