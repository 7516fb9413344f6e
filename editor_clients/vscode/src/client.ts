// The language client: finds and starts the server, starts it again after a crash a bounded number of times.
import { setTimeout as sleep } from "node:timers/promises";
import { env, EventEmitter, type LogOutputChannel, type Disposable, window, workspace } from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  State,
} from "vscode-languageclient/node";
import { applyEdit } from "./edits";
import { Restarts } from "./restarts";
import { findServer, INSTALL, ServerNotFoundError, startServer } from "./server";
import { SECTION, serverOptions, settings } from "./settings";

export type ServerState = "stopped" | "starting" | "running" | "failed";

/** Documents that the server is told of. Output channels are not among them: they would log their own changes. */
export const SCHEMES = ["file", "untitled", "vscode-vfs"];

/** There is no server, and this line says why. */
export class NoServerError extends Error {}

export class Client implements Disposable {
  readonly #changed = new EventEmitter<ServerState>();
  readonly onDidChangeState = this.#changed.event;
  readonly #listeners: ((client: LanguageClient) => Disposable)[] = [];
  #client: LanguageClient | undefined;
  #starting: Promise<LanguageClient> | undefined;
  #disposables: Disposable[] = [];
  #state: ServerState = "stopped";
  #detail = "";
  #lastLine = "";

  constructor(readonly output: LogOutputChannel) {}

  get state(): ServerState {
    return this.#state;
  }

  /** Why the server is not there, in one line. */
  get detail(): string {
    return this.#detail;
  }

  /** The process id of the server that runs, for who wants to look at it. */
  pid: number | undefined;

  /** Listen to every client, also those after a restart by hand. */
  listen(listener: (client: LanguageClient) => Disposable): void {
    this.#listeners.push(listener);
  }

  /** The running client; starts the server if it is not there. Rejects with a NoServerError. */
  running(): Promise<LanguageClient> {
    if (this.#client?.state === State.Running) return Promise.resolve(this.#client);
    if (this.#starting) return this.#starting;
    const starting = this.#start().finally(() => {
      if (this.#starting === starting) this.#starting = undefined;
    });
    this.#starting = starting;
    return starting;
  }

  /** The client, if the server runs. */
  get now(): LanguageClient | undefined {
    return this.#client?.state === State.Running ? this.#client : undefined;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.running();
  }

  async stop(): Promise<void> {
    const client = this.#client;
    this.#client = this.#starting = undefined;
    for (const disposable of this.#disposables.splice(0)) disposable.dispose();
    this.#set("stopped");
    // A client that is still starting cannot be disposed yet: `#start` does that. One that has failed need not be.
    await client?.dispose(2000).catch(() => undefined);
  }

  dispose(): void {
    void this.stop();
    this.#changed.dispose();
  }

  async #start(): Promise<LanguageClient> {
    if (this.#client) await this.stop();
    this.#set("starting");
    const client = this.#make(new Restarts(settings().server.maxRestarts));
    this.#client = client;
    this.#disposables.push(
      client.onDidChangeState(({ newState }) => {
        if (this.#client !== client) return;
        if (newState === State.Running) this.#set("running");
        else if (newState === State.Starting) this.#set("starting");
        else if (this.#state !== "failed") this.#set("stopped");
      }),
      ...this.#listeners.map((listener) => listener(client)),
    );
    try {
      await client.start();
    } catch (error) {
      if (this.#client !== client) return this.#successor();
      const why = error instanceof Error ? error.message : String(error);
      const message = error instanceof ServerNotFoundError || this.#lastLine === "" ? why : this.#lastLine;
      this.#fail(message);
      throw new NoServerError(message, { cause: error });
    }
    if (this.#client === client) return client;
    await client.dispose(2000).catch(() => undefined);
    return this.#successor();
  }

  /** The client that replaced one while it was starting. */
  #successor(): Promise<LanguageClient> {
    if (this.#client) return this.running();
    throw new NoServerError("the server was stopped while it was starting");
  }

  #make(restarts: Restarts): LanguageClient {
    const options: LanguageClientOptions = {
      documentSelector: SCHEMES.map((scheme) => ({ scheme })),
      initializationOptions: serverOptions(),
      outputChannel: this.output,
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => this.#closed(client, restarts),
      },
      middleware: {
        workspace: {
          configuration: (params, token, next) =>
            params.items.every((item) => item.section === SECTION)
              ? params.items.map(() => serverOptions())
              : next(params, token),
          // Without the settings, some of which are not the server's: it asks for its own, and gets those above.
          didChangeConfiguration: (_, next) => next(undefined),
          handleApplyEdit: (params, next) => applyEdit(params, next),
        },
      },
    };
    const client = new LanguageClient(SECTION, "Fast Apply", () => this.#spawn(), options);
    return client;
  }

  async #spawn() {
    const { path, args, env: more } = settings().server;
    const folders = (workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
    const all = { ...process.env, ...more };
    const found = await findServer({ path, folders, trusted: workspace.isTrusted, env: all });
    this.output.info(`starting ${found.program} ${args.join(" ")} (from: ${found.from})`);
    this.#lastLine = "";
    const child = await startServer(found.program, args, { env: all, cwd: folders[0] });
    child.stderr?.on("data", (data: Buffer) => {
      const line = data.toString().trimEnd().split("\n").at(-1)?.trim();
      if (line) this.#lastLine = line;
    });
    this.pid = child.pid;
    return child;
  }

  async #closed(client: LanguageClient, restarts: Restarts) {
    const gone = { action: CloseAction.DoNotRestart, handled: true };
    if (this.#client !== client) return gone; // stopped or replaced
    this.pid = undefined;
    const wait = restarts.crashed(Date.now());
    if (wait === undefined) {
      const last = this.#lastLine === "" ? "" : `: ${this.#lastLine}`;
      this.#fail(`the server ended ${restarts.count} times within three minutes${last}`);
      void this.tell();
      return gone;
    }
    this.output.warn(`the server ended unexpectedly (${restarts.count} of at most ${restarts.most + 1} times); it is started again`);
    await sleep(wait);
    return this.#client === client ? { action: CloseAction.Restart, handled: true } : gone;
  }

  /** Tell the user why there is no server, with what can be done about it. */
  async tell(): Promise<void> {
    const chosen = await window.showErrorMessage(`Fast Apply: ${this.#detail}`, "Try Again", "Copy Install Command", "Show Output");
    if (chosen === "Try Again") await this.running().catch(() => this.tell());
    else if (chosen === "Show Output") this.output.show();
    else if (chosen) await env.clipboard.writeText(INSTALL);
  }

  #fail(why: string): void {
    this.#detail = why;
    this.output.error(why);
    this.#set("failed");
  }

  #set(state: ServerState): void {
    if (state !== "failed") this.#detail = "";
    if (this.#state === state) return;
    this.#state = state;
    this.#changed.fire(state);
  }
}
