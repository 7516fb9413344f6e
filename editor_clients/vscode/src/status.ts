// The status bar: whether the server and the model are there, and what goes on.
import { type Disposable, StatusBarAlignment, type StatusBarItem, ThemeColor, window } from "vscode";
import type { Client } from "./client";
import { activeDocument } from "./diff";
import type { Previews } from "./preview";
import { type ModelState, statusRequest } from "./protocol";

export class Status implements Disposable {
  readonly #item: StatusBarItem;
  readonly #disposables: Disposable[];
  #model: ModelState | undefined;

  constructor(
    private readonly client: Client,
    private readonly previews: Previews,
  ) {
    this.#item = window.createStatusBarItem("fastapply.status", StatusBarAlignment.Right, 90);
    this.#item.name = "Fast Apply";
    this.#item.command = "fastapply.showStatus";
    const draw = (): void => {
      this.#draw();
    };
    this.#disposables = [
      this.#item,
      client.onDidChangeState(() => {
        this.#model = undefined;
        draw();
      }),
      previews.onDidChange(draw),
      window.onDidChangeActiveTextEditor(draw),
    ];
    draw();
    this.#item.show();
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  /** What an answer of the server said of the model. */
  set model(model: ModelState) {
    this.#model = model;
    this.#draw();
  }

  /** For the user who pressed on it: one line for each thing, newly asked. */
  async lines(): Promise<string[]> {
    const client = this.client.now;
    if (!client) return [`The server is ${this.client.state}${this.client.detail === "" ? "" : `: ${this.client.detail}`}`];
    const answer = await client.sendRequest(statusRequest, {});
    this.model = answer.model;
    const waiting = answer.waiting > 0 ? `, ${answer.waiting} waiting` : "";
    return [
      `Server ${answer.version}, ${answer.busy ? `a rewrite runs${waiting}` : "idle"}`,
      `Model ${answer.model.name}: ${answer.model.state}${answer.model.detail === "" ? "" : ` (${answer.model.detail})`}`,
    ];
  }

  #draw(): void {
    const { text, tooltip, colour } = this.#now();
    this.#item.text = text;
    this.#item.tooltip = `Fast Apply: ${tooltip}`;
    this.#item.backgroundColor = colour === undefined ? undefined : new ThemeColor(`statusBarItem.${colour}Background`);
  }

  #now(): { text: string; tooltip: string; colour?: "error" | "warning" } {
    switch (this.client.state) {
      case "failed":
        return { text: "$(error) Fast Apply", tooltip: this.client.detail, colour: "error" };
      case "starting":
        return { text: "$(loading~spin) Fast Apply", tooltip: "the server is starting" };
      case "stopped":
        return { text: "$(circle-slash) Fast Apply", tooltip: "the server is not running" };
      case "running":
        break;
    }
    const document = activeDocument();
    const preview = document && this.previews.get(document);
    if (preview?.phase === "running") return { text: "$(sync~spin) Fast Apply", tooltip: "a rewrite runs" };
    if (preview) {
      const count = preview.hunks.all.length;
      const open = `${count} ${count === 1 ? "hunk" : "hunks"}`;
      if (preview.status === "needs_review")
        return { text: `$(question) Fast Apply: ${open}`, tooltip: "the rewrite is doubtful: look at every hunk", colour: "warning" };
      return { text: `$(git-compare) Fast Apply: ${open}`, tooltip: "to accept or reject" };
    }
    if (this.#model?.state === "failed")
      return { text: "$(warning) Fast Apply", tooltip: `by alignment alone: ${this.#model.detail}`, colour: "warning" };
    return { text: "$(zap) Fast Apply", tooltip: this.#model ? `model ${this.#model.name}: ${this.#model.state}` : "ready" };
  }
}
