// The extension: makes the parts and ties them together. Read this file first.
import { commands, type ExtensionContext, Uri, window, workspace } from "vscode";
import { Applier } from "./apply";
import { Client } from "./client";
import { registerCommands } from "./commands";
import { Decisions } from "./decisions";
import { Decorations } from "./decorations";
import { activeDocument, DiffView } from "./diff";
import type { Hunk } from "./hunks";
import { Lenses } from "./lenses";
import { Previews } from "./preview";
import type { ApplyAnswer } from "./protocol";
import { SECTION } from "./settings";
import { Status } from "./status";

/** For other extensions: `extensions.getExtension("fastapply.fastapply").activate()`. */
export interface Api {
  /** Ask for a rewrite and show its preview. The answer; undefined where there is none and the user was told why. */
  apply: (uri: Uri, update: string, instruction?: string) => Promise<ApplyAnswer | undefined>;
  /** The preview of a document: whether it still grows, and its hunks on the document as it is now. */
  preview: (uri: Uri) => { phase: "running" | "open"; hunks: readonly Hunk[] } | undefined;
  server: () => { state: string; detail: string; pid: number | undefined };
}

let client: Client | undefined;

export function activate(context: ExtensionContext): Api {
  const output = window.createOutputChannel("Fast Apply", { log: true });
  const server = (client = new Client(output));
  const previews = new Previews(() => server.now);
  const decisions = new Decisions(server, previews);
  const diff = new DiffView(previews);
  const status = new Status(server, previews);
  const applier = new Applier(server, previews, diff, status);
  server.listen((made) => previews.listen(made));

  const phase = (): void => {
    const document = activeDocument();
    void commands.executeCommand("setContext", "fastapply.phase", document && previews.get(document)?.phase);
  };
  context.subscriptions.push(
    output,
    previews,
    diff,
    status,
    new Decorations(previews),
    new Lenses(previews),
    server.onDidChangeState((state) => {
      if (state !== "running") previews.serverEnded();
    }),
    previews.onDidChange(phase),
    window.onDidChangeActiveTextEditor(phase),
    workspace.onDidChangeConfiguration((event) => {
      const program = ["path", "args", "env"].some((name) => event.affectsConfiguration(`${SECTION}.server.${name}`));
      if (program) void server.restart().catch(() => server.tell());
    }),
    workspace.onDidGrantWorkspaceTrust(() => {
      if (server.state === "failed") void server.running().catch(() => server.tell());
    }),
    ...registerCommands({ client: server, previews, applier, decisions, diff, status }),
  );
  // In the background, so that the model is warm at the first rewrite. Who asks for none is not told of failures.
  void server.running().catch(() => undefined);

  return {
    apply: async (uri, update, instruction) => {
      const document = await workspace.openTextDocument(uri);
      return applier.apply({ document, update, ...(instruction === undefined ? {} : { instruction }) });
    },
    preview: (uri) => {
      const found = previews.all.find(({ document }) => document.uri.toString() === uri.toString());
      return found && { phase: found.phase, hunks: found.hunks.all };
    },
    server: () => ({ state: server.state, detail: server.detail, pid: server.pid }),
  };
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}
