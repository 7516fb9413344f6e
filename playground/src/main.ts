// The playground: a file and an edit go in, the rewrite streams into the diff, hunks are accepted or rejected.
import { EditorView } from "@codemirror/view";
import { Refused, type Result, apply, modelName } from "./api";
import { Decisions, type Reading, isStay, readingsOf } from "./doubt";
import { Editors, setText } from "./editors";
import * as examples from "./example";
import { forget } from "./origin";
import { applyPreferences, askToken } from "./preferences";
import { clearReport, element, setNext, setReasons, setStatus, showHunks, showReadings, showResult } from "./report";
import { Stream } from "./stream";
import { change, compose, places, shown, splitLines } from "./text";

let original = ""; // the file byte for byte, while the editor shows it with LF
let result: Result | null = null;
let readings: Reading[] = [];
let chosen = 0; // which of them is shown
let decisions = new Decisions();
let current = 0; // which of its hunks is looked at
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
  readings = [];
  decisions = new Decisions();
  clearReport();
  show(shown(original));
  editors.mark([], []);
  editors.rewrite.dispatch({ effects: forget.of(null) });
  document.body.dataset.phase = "idle";
  showPane("file");
  refresh();
}

/** Which side is seen where there is one column only. */
function showPane(pane: "file" | "rewrite"): void {
  document.body.dataset.pane = pane;
  for (const each of ["file", "rewrite"]) element(`show-${each}`).setAttribute("aria-pressed", String(each === pane));
}

function whatToDo(): string {
  const [file, update] = [original.trim(), editors.update.state.doc.toString().trim()];
  if (!file && !update) return "Begin with a file: open, paste or drop it. Or try one of these:";
  if (!file) return "Now the file that the edit is for: open, paste or drop it.";
  if (!update) return "Now the edit: paste or drop a snippet, a whole method, a diff.";
  return "Ready: press Apply.";
}

function refresh(): void {
  const ready = original.trim() !== "" && editors.update.state.doc.toString().trim() !== "";
  const empty = original === "" && editors.update.state.doc.length === 0;
  element("samples").hidden = !empty;
  const failed = element("status").dataset.kind === "failed"; // and has said what to do itself
  if (!result && !failed) setNext(running ? "" : whatToDo());
  element<HTMLButtonElement>("apply").disabled = running !== null || !ready;
  element("stop").hidden = running === null;
  element("apply").hidden = running !== null;
  for (const id of ["copy", "download"]) {
    const button = element<HTMLButtonElement>(id);
    button.disabled = result === null || undecided().length > 0;
    button.title = result && button.disabled ? "decide what is in doubt first" : "";
  }
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
    fail(new Error(`not UTF-8 text: ${file.name}`));
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
for (const id of ["example", "sample", "sample-doubt"]) {
  element(id).addEventListener("click", () => {
    const example = id === "sample-doubt" ? examples.DOUBTFUL : examples.CLEAR;
    setText(editors.update, example.update);
    instruction.value = example.instruction;
    setFile(examples.FILE, examples.PATH);
    element("apply").focus();
  });
}
for (const pane of ["file", "rewrite"] as const) element(`show-${pane}`).addEventListener("click", () => showPane(pane));

// The rewrite --------------------------------------------------------------------------------------------------------

function show(text: string): void {
  const changes = change(editors.rewrite.state.doc.toString(), text);
  if (changes.from < changes.to || changes.insert) editors.rewrite.dispatch({ changes });
}

async function run(): Promise<void> {
  if (element<HTMLButtonElement>("apply").disabled) return;
  discard();
  const mine = (running = new AbortController());
  document.body.dataset.phase = "working";
  setStatus("working", "reading");
  showPane("rewrite");
  refresh();
  const stream = new Stream(editors.rewrite, shown(original));
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
    else fail(error);
  } finally {
    if (running === mine) running = null;
    refresh();
  }
}

function done(stream: Stream, step: Result): void {
  result = step;
  readings = readingsOf(step);
  stream.finish();
  show(shown(step.text));
  document.body.dataset.phase = "done";
  showResult(step);
  choose(0);
}

/** What the server refused, or that there was no answer, and what to do about it. */
function fail(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  setStatus("failed", "not applied");
  if (error instanceof TypeError) {
    setReasons(["the server does not answer"]);
    setNext("Is `fastapply serve` still running? Then press Apply again.");
  } else {
    setReasons([message]);
    const rejected = error instanceof Refused && error.status === 422;
    setNext(rejected ? "Is it the right file? Else give the edit with more of the code around it." : "");
  }
}

element("apply").addEventListener("click", () => void run());
element("stop").addEventListener("click", discard);

// Readings and hunks -------------------------------------------------------------------------------------------------

function reading(): Reading {
  return readings[chosen] ?? { number: 1, hunks: [], doubtful: [], diff: "" };
}

function undecided(): number[] {
  return decisions.all(reading()).flatMap((each, index) => (each === null ? [index] : []));
}

/** What is shown as the rewrite: an undecided hunk stands there until it is rejected. */
function taken(): boolean[] {
  return decisions.all(reading()).map((each) => each !== false);
}

function choose(index: number): void {
  chosen = index;
  current = undecided()[0] ?? 0;
  showReadings(readings, chosen, choose);
  draw();
  goTo("nearest");
}

function draw(): void {
  if (!result) return;
  const { hunks } = reading();
  show(chosenText(shown));
  const made = decisions.all(reading());
  showHunks(hunks, made, current, splitLines(shown(original)), { decide, visit });
  const lines = splitLines(shown(original));
  const open = made.map((each) => each === null);
  const places_ = places(hunks, taken());
  const removed = (index: number) => (made[index] === false ? [] : lines.slice(hunks[index]?.start_line, hunks[index]?.end_line));
  const marks = hunks.map((_, index) => ({ here: index === current, open: open[index] ?? false }));
  editors.mark(
    hunks.map((hunk, index) => ({ from: hunk.start_line, to: hunk.end_line, removed: [], ...marks[index]! })),
    places_.map((place, index) => ({ ...place, removed: removed(index).map((line) => line.replace("\n", "")), ...marks[index]! })),
  );
  sayStatus(open.filter(Boolean).length);
  refresh();
}

function sayStatus(open: number): void {
  const step = result;
  if (!step) return;
  if (step.status === "rejected") {
    setStatus("rejected", "not applied");
    setNext("Is it the right file? Else give the edit with more of the code around it.");
  } else if (!reading().hunks.length) {
    setStatus("applied", "nothing to change");
    setNext("The file has all that the edit says.");
  } else if (open) {
    setStatus("needs_review", "look at this");
    const others = readings.length > 1 ? "compare the readings, then " : "";
    const which = open === 1 ? "the marked hunk" : `the ${open} marked hunks`;
    setNext(`${others}accept or reject ${which}.`.replace(/^./, (letter) => letter.toUpperCase()));
  } else if (!taken().some(Boolean)) {
    setStatus("rejected", "all rejected");
    setNext("The file stays as it is.");
  } else {
    setStatus("applied", "ready to write");
    setNext(step.status === "needs_review" ? "All is decided: copy or download the file." : "Copy or download the file.");
  }
}

function decide(index: number, accept: boolean): void {
  const hunk = reading().hunks[index];
  if (!hunk) return;
  if (isStay(hunk) && !accept) {
    choose(1);
    return;
  }
  const waited = undecided().includes(index);
  decisions.decide(hunk, accept);
  const next = undecided().find((each) => each > index) ?? undecided()[0];
  visit(waited && next !== undefined ? next : index);
}

function decideAll(accept: boolean): void {
  for (const hunk of reading().hunks) if (accept || !isStay(hunk)) decisions.decide(hunk, accept);
  draw();
}

function visit(index: number): void {
  if (!reading().hunks[index]) return;
  current = index;
  showPane("rewrite");
  draw();
  goTo("center");
}

/** Scroll to the hunk that is looked at. In one column only on demand: the reason, above, is read first. */
function goTo(y: "nearest" | "center"): void {
  const place = places(reading().hunks, taken())[current];
  if (!place || (y === "nearest" && narrow.matches)) return;
  const { doc } = editors.rewrite.state;
  const at = doc.line(Math.min(place.from + 1, doc.lines)).from;
  editors.rewrite.dispatch({ effects: EditorView.scrollIntoView(at, { y: "center" }) });
}

const narrow = matchMedia("(max-width: 1000px)");

function step(by: number): void {
  const count = reading().hunks.length;
  if (count) visit((current + by + count) % count);
}

element("accept-all").addEventListener("click", () => decideAll(true));
element("reject-all").addEventListener("click", () => decideAll(false));

function chosenText(view = (text: string) => text): string {
  return result ? view(compose(original, reading().hunks, taken())) : "";
}

element("copy").addEventListener("click", () => {
  navigator.clipboard.writeText(chosenText()).then(
    () => announce("copied"),
    () => announce("the browser does not let this page copy: use Download"),
  );
});
element("download").addEventListener("click", () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([chosenText()], { type: "text/plain" }));
  link.download = path.value.split("/").pop() || "rewritten.txt";
  link.click();
  URL.revokeObjectURL(link.href);
});

function announce(words: string): void {
  element("announcement").textContent = words;
}

// Keys ---------------------------------------------------------------------------------------------------------------

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

async function start(): Promise<void> {
  try {
    element("model").textContent = await modelName();
  } catch (error) {
    if (error instanceof Refused && error.status === 401) askToken(start);
    else fail(error);
  }
}

applyPreferences();
discard();
void start();
