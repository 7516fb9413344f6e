// The playground: a file and an edit go in, the rewrite streams into the diff, hunks are accepted or rejected.
import { EditorView } from "@codemirror/view";
import { type Delta, Refused, type Result, apply, keepToken, modelName } from "./api";
import { Editors, setText } from "./editors";
import * as example from "./example";
import { type Span, forget, spansOf, wrote } from "./origin";
import { Progress, clearReport, element, setStatus, showHunks, showResult } from "./report";
import { change, compose, shown, splitLines } from "./text";

let original = ""; // the file byte for byte, while the editor shows it with LF
let result: Result | null = null;
let accepted: boolean[] = [];
let current = 0;
let running: AbortController | null = null;

const path = element<HTMLInputElement>("path");
const instruction = element<HTMLInputElement>("instruction");
const editors = new Editors(element("update"), element("merge"), fileEdited, discard);

// Inputs -------------------------------------------------------------------------------------------------------------

function setFile(text: string, name = ""): void {
  if (name) path.value = name;
  editors.setLanguage(path.value);
  original = text;
  setText(editors.file, shown(text));
  discard();
}

/** A person has typed: the file keeps the line ends that it came with. */
function fileEdited(): void {
  const end = /\r\n|\r|\n/.exec(original)?.[0] ?? "\n";
  const mark = original.startsWith("\uFEFF") ? "\uFEFF" : "";
  original = mark + editors.file.state.doc.toString().replaceAll("\n", end);
  discard();
}

/** Whatever was computed belongs to other inputs now. */
function discard(): void {
  running?.abort();
  running = null;
  result = null;
  accepted = [];
  clearReport();
  show(shown(original));
  editors.rewrite.dispatch({ effects: forget.of(null) });
  document.body.dataset.phase = "idle";
  refresh();
}

function refresh(): void {
  const ready = original.trim() !== "" && editors.update.state.doc.toString().trim() !== "";
  element<HTMLButtonElement>("apply").disabled = running !== null || !ready;
  element("stop").hidden = running === null;
  element("apply").hidden = running !== null;
  for (const id of ["copy", "download"]) element<HTMLButtonElement>(id).disabled = result === null;
}

async function read(file: File): Promise<string> {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await file.arrayBuffer());
}

async function take(file: File | undefined, into: "file" | "update"): Promise<void> {
  if (!file) return;
  try {
    const text = await read(file);
    if (into === "file") setFile(text, file.name);
    else {
      setText(editors.update, text);
      discard();
    }
  } catch {
    fail(`${file.name} is not UTF-8 text`);
  }
}

for (const [id, into] of [["update-pane", "update"], ["merge", "file"]] as const) {
  const pane = element(id);
  const isFile = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
  pane.addEventListener("dragover", (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    pane.classList.add("dropping");
  });
  pane.addEventListener("dragleave", () => pane.classList.remove("dropping"));
  pane.addEventListener(
    "drop",
    (event) => {
      pane.classList.remove("dropping");
      if (!isFile(event)) return;
      event.preventDefault();
      event.stopPropagation(); // CodeMirror would insert it where it falls
      void take(event.dataTransfer?.files[0], into);
    },
    true,
  );
}
const picker = element<HTMLInputElement>("picker");
element("open").addEventListener("click", () => picker.click());
picker.addEventListener("change", () => void take(picker.files?.[0], "file").then(() => (picker.value = "")));
path.addEventListener("change", () => editors.setLanguage(path.value));
element("example").addEventListener("click", () => {
  setText(editors.update, example.UPDATE);
  instruction.value = example.INSTRUCTION;
  setFile(example.FILE, example.PATH);
  element("apply").focus();
});

// The rewrite --------------------------------------------------------------------------------------------------------

function show(text: string): void {
  const changes = change(editors.rewrite.state.doc.toString(), text);
  if (changes.from < changes.to || changes.insert) editors.rewrite.dispatch({ changes });
}

/** Deltas into the right side, once a frame: what is written, then what the original still has. */
class Stream {
  private readonly lines = splitLines(shown(original));
  private readonly progress = new Progress();
  private written = "";
  private spans: Span[] = [];
  private done = 0;
  private frame = 0;

  push(delta: Delta): void {
    this.spans.push(...spansOf(delta, this.written.length));
    this.written += delta.text;
    this.done = delta.lines_done;
    this.progress.add(delta);
    this.frame ||= requestAnimationFrame(() => this.draw());
  }

  draw(): void {
    this.frame = 0;
    const head = this.written.length;
    const rest = this.lines.slice(this.done).join("");
    const glue = rest && this.written && !this.written.endsWith("\n") ? "\n" : "";
    const view = editors.rewrite;
    view.dispatch({
      changes: change(view.state.doc.toString(), this.written + glue + rest),
      effects: wrote.of({ spans: this.spans, head }),
    });
    view.dispatch({ effects: EditorView.scrollIntoView(head, { y: "nearest", yMargin: 80 }) });
    this.spans = [];
    this.progress.show(this.done, this.lines.length);
  }

  finish(text: string): void {
    cancelAnimationFrame(this.frame);
    const view = editors.rewrite;
    const changes = change(view.state.doc.toString(), this.written);
    view.dispatch({ changes, effects: wrote.of({ spans: this.spans, head: null }) });
    show(text);
  }
}

async function run(): Promise<void> {
  if (element<HTMLButtonElement>("apply").disabled) return;
  discard();
  const mine = (running = new AbortController());
  document.body.dataset.phase = "working";
  setStatus("working", "reading");
  refresh();
  const stream = new Stream();
  const request = {
    original,
    update: editors.update.state.doc.toString(),
    instruction: instruction.value,
    path: path.value || null,
  };
  try {
    for await (const step of apply(request, mine.signal)) {
      if (mine.signal.aborted) return;
      if ("status" in step) done(stream, step);
      else stream.push(step);
    }
    if (!result) throw new Error("the answer broke off");
  } catch (error) {
    if (mine.signal.aborted) return;
    running = null;
    discard();
    if (error instanceof Refused && error.status === 401) askToken(run);
    else fail(error instanceof Error ? error.message : String(error));
  } finally {
    if (running === mine) running = null;
    refresh();
  }
}

function done(stream: Stream, step: Result): void {
  result = step;
  accepted = step.hunks.map(() => true);
  stream.finish(shown(step.text));
  document.body.dataset.phase = "done";
  showResult(step);
  current = 0;
  drawHunks();
  visit(0);
}

function fail(message: string): void {
  setStatus("failed", message);
}

element("apply").addEventListener("click", () => void run());
element("stop").addEventListener("click", discard);

// Hunks --------------------------------------------------------------------------------------------------------------

function drawHunks(): void {
  if (result) showHunks(result.hunks, accepted, current, (index) => decide(index, !accepted[index]), visit);
}

function decide(index: number, accept: boolean): void {
  if (!result?.hunks[index]) return;
  accepted[index] = accept;
  show(shown(compose(original, result.hunks, accepted)));
  visit(index);
}

function decideAll(accept: boolean): void {
  if (!result) return;
  accepted = accepted.map(() => accept);
  show(shown(compose(original, result.hunks, accepted)));
  drawHunks();
}

function visit(index: number): void {
  const hunk = result?.hunks[index];
  if (!result || !hunk) return;
  current = index;
  const line = Math.min(hunk.start_line + 1, editors.file.state.doc.lines);
  const at = editors.file.state.doc.line(line).from;
  editors.file.dispatch({ effects: EditorView.scrollIntoView(at, { y: "center" }) });
  drawHunks();
}

function step(by: number): void {
  const count = result?.hunks.length ?? 0;
  if (count) visit((current + by + count) % count);
}

element("accept-all").addEventListener("click", () => decideAll(true));
element("reject-all").addEventListener("click", () => decideAll(false));

function chosen(): string {
  return result ? compose(original, result.hunks, accepted) : "";
}

element("copy").addEventListener("click", () => {
  navigator.clipboard.writeText(chosen()).then(
    () => announce("copied"),
    () => announce("the browser does not let this page copy: use Download"),
  );
});
element("download").addEventListener("click", () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([chosen()], { type: "text/plain" }));
  link.download = path.value.split("/").pop() || "rewritten.txt";
  link.click();
  URL.revokeObjectURL(link.href);
});

function announce(words: string): void {
  element("announcement").textContent = words;
}

// Keys, theme, token -------------------------------------------------------------------------------------------------

document.addEventListener(
  "keydown",
  (event) => {
    if (element<HTMLDialogElement>("token-dialog").open) return;
    const actions: [boolean, () => void][] = [
      [event.key === "Enter" && (event.ctrlKey || event.metaKey), () => void run()],
      [event.key === "Escape" && running !== null, discard],
      [event.key === "F7", () => step(event.shiftKey ? -1 : 1)],
      [event.altKey && event.code === "KeyA", () => decide(current, true)],
      [event.altKey && event.code === "KeyR", () => decide(current, false)],
    ];
    const action = actions.find(([applies]) => applies)?.[1];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  },
  true,
);

const theme = element<HTMLSelectElement>("theme");
theme.value = localStorage.getItem("fastapply.theme") ?? "auto";
function setTheme(): void {
  document.documentElement.dataset.theme = theme.value;
}
theme.addEventListener("change", () => {
  localStorage.setItem("fastapply.theme", theme.value);
  setTheme();
});
setTheme();

const drafts = element<HTMLInputElement>("show-drafts");
function setDrafts(): void {
  document.body.classList.toggle("drafts", drafts.checked);
}
drafts.addEventListener("change", setDrafts);
setDrafts();

function askToken(then: () => Promise<void>): void {
  const dialog = element<HTMLDialogElement>("token-dialog");
  const input = element<HTMLInputElement>("token");
  dialog.showModal();
  element<HTMLFormElement>("token-form").onsubmit = (event) => {
    event.preventDefault();
    dialog.close();
    keepToken(input.value.trim());
    input.value = "";
    void then();
  };
}

async function start(): Promise<void> {
  try {
    element("model").textContent = await modelName();
  } catch (error) {
    if (error instanceof Refused && error.status === 401) askToken(start);
    else fail(error instanceof Error ? error.message : String(error));
  }
}

discard();
void start();
