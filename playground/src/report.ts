// What became of an edit, in the panel beside it: the reason first, then readings and hunks; good checks are folded.
import type { Delta, Hunk, Result } from "./api";
import { type Reading, isStay } from "./doubt";
import { size, splitLines } from "./text";

export function element<E extends HTMLElement = HTMLElement>(id: string): E {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no #${id}`);
  return found as E;
}

function make(tag: string, text: string, className = ""): HTMLElement {
  return Object.assign(document.createElement(tag), { textContent: text, className });
}

/** Counts what has come so far. */
export class Progress {
  private readonly started = performance.now();
  private firstToken = 0;
  tokens = 0;
  drafted = 0;

  add(delta: Delta): void {
    if (delta.tokens && !this.firstToken) this.firstToken = performance.now();
    this.tokens += delta.tokens;
    this.drafted += delta.drafted;
  }

  show(line: number, lines: number): void {
    const seconds = (performance.now() - this.firstToken) / 1000;
    setStatus("working", this.tokens ? "rewriting" : "reading");
    element("progress").hidden = false;
    showNumbers("progress", {
      "tokens/s": this.tokens && seconds > 0.2 ? String(Math.round(this.tokens / seconds)) : "…",
      tokens: String(this.tokens),
      lines: `${line} of ${lines}`,
      seconds: ((performance.now() - this.started) / 1000).toFixed(1),
    });
  }
}

export function setStatus(kind: string, words: string): void {
  const status = element("status");
  status.dataset.kind = kind;
  if (status.textContent !== words) status.textContent = words; // else a screen reader says it again
}

/** What to do now, in one sentence. */
export function setNext(words: string): void {
  element("next").hidden = !words;
  element("next").textContent = words;
}

export function setReasons(reasons: string[]): void {
  const sentences = reasons.map((reason) => make("li", reason.slice(0, 1).toUpperCase() + reason.slice(1)));
  element("reasons").replaceChildren(...sentences);
}

export function showResult(result: Result): void {
  const { stats, checks } = result;
  // What is in doubt, where, comes before what is wrong in general.
  const failed = checks.filter((check) => !check.ok).sort((a, b) => Number(b.name === "confident") - Number(a.name === "confident"));
  setReasons(failed.map((check) => check.detail || check.name));
  const good = checks.filter((check) => check.ok);
  element("progress").hidden = true;
  element("details").hidden = false;
  element("confidence-value").textContent = `${(result.confidence * 100).toFixed(1)} %`;
  element("good-count").textContent = `${good.length} of ${checks.length} checks good`;
  element("checks").replaceChildren(...good.map((check) => make("li", check.detail || check.name)));
  showNumbers(
    "numbers",
    stats.output_tokens
      ? {
          "tokens/s": stats.decode_seconds ? String(Math.round(stats.output_tokens / stats.decode_seconds)) : "…",
          tokens: String(stats.output_tokens),
          "forward passes": String(stats.forward_passes),
          seconds: stats.seconds.toFixed(1),
        }
      : {},
  );
  showOrigin(stats.output_tokens, stats.accepted_tokens);
}

export function clearReport(): void {
  setStatus("idle", "");
  setReasons([]);
  for (const id of ["progress", "details", "readings", "hunk-panel"]) element(id).hidden = true;
  element("hunks").replaceChildren();
}

function showNumbers(id: string, numbers: Record<string, string>): void {
  element(id).replaceChildren(
    ...Object.entries(numbers).map(([name, value]) => {
      const cell = document.createElement("div");
      cell.append(make("dd", value), make("dt", name));
      return cell;
    }),
  );
}

function showOrigin(tokens: number, drafted: number): void {
  element("origin").hidden = !tokens;
  if (!tokens) return;
  element<HTMLMeterElement>("drafted-meter").value = drafted / tokens;
  element("drafted-value").textContent = `${drafted} tokens were drafts`;
  element("own-value").textContent = `${tokens - drafted} the model's own`;
}

/** One tab a reading, where there are several, and what the chosen one does otherwise than the first. */
export function showReadings(readings: Reading[], chosen: number, choose: (index: number) => void): void {
  element("readings").hidden = readings.length < 2;
  const list = element("reading-tabs");
  if (list.childElementCount !== readings.length) list.replaceChildren(...readings.map((reading, index) => tab(reading, index, choose)));
  list.querySelectorAll("button").forEach((button, index) => {
    button.ariaSelected = String(index === chosen);
    button.tabIndex = index === chosen ? 0 : -1;
  });
  element("reading-diff").replaceChildren(...diffLines(readings[chosen]?.diff ?? ""));
  element("reading-panel").setAttribute("aria-labelledby", `reading-${chosen}`);
}

function tab(reading: Reading, index: number, choose: (index: number) => void): HTMLElement {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", role: "tab", id: `reading-${index}`, textContent: `Reading ${reading.number}` });
  button.setAttribute("aria-controls", "reading-panel");
  button.addEventListener("click", () => choose(index));
  button.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const tabs = [...element("reading-tabs").querySelectorAll("button")];
    const next = by && tabs[(index + by + tabs.length) % tabs.length];
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.click();
  });
  return button;
}

/** A unified diff with one line of context, without the names of the files. */
function diffLines(diff: string): HTMLElement[] {
  if (!diff) return [make("p", "The likeliest one. The other tabs show what the edit may mean instead.")];
  const lines = splitLines(diff.replace(/\r\n?/g, "\n")).map((line) => line.replace(/\n$/, "")).slice(2);
  const changed = (line?: string) => /^[-+]/.test(line ?? "");
  const kept = lines.filter((line, at) => /^[-+@]/.test(line) || changed(lines[at - 1]) || changed(lines[at + 1]));
  const kinds: Record<string, string> = { "+": "ins", "-": "del" };
  return kept.map((line) => make(kinds[line[0] ?? ""] ?? "span", line.startsWith("@@") ? `line ${/\d+/.exec(line)?.[0] ?? ""}` : line || " "));
}

export interface HunkActions {
  decide(index: number, accept: boolean): void;
  visit(index: number): void;
}

/** One row a hunk: a button that goes there, and two that decide. */
export function showHunks(hunks: Hunk[], decisions: (boolean | null)[], current: number, lines: string[], actions: HunkActions): void {
  const list = element("hunks");
  element("hunk-panel").hidden = !hunks.length;
  const open = decisions.filter((each) => each === null).length;
  const accepted = decisions.filter((each) => each === true).length;
  element("hunk-count").textContent = `${accepted} of ${hunks.length} accepted${open ? `, ${open} to decide` : ""}`;
  const drawn = JSON.stringify(hunks);
  if (list.dataset.drawn !== drawn || list.childElementCount !== hunks.length) {
    // Built once: what is replaced between press and release of a mouse button gets no click.
    list.replaceChildren(...hunks.map((hunk, index) => row(hunk, index, lines, actions)));
    list.dataset.drawn = drawn;
  }
  [...list.children].forEach((item, index) => {
    const decided = decisions[index] ?? null;
    (item as HTMLElement).dataset.decision = decided === null ? "open" : decided ? "accepted" : "rejected";
    const [go, accept, reject] = item.querySelectorAll("button");
    if (index === current) go?.setAttribute("aria-current", "true");
    else go?.removeAttribute("aria-current");
    accept?.setAttribute("aria-pressed", String(decided === true));
    reject?.setAttribute("aria-pressed", String(decided === false));
  });
}

function row(hunk: Hunk, index: number, lines: string[], actions: HunkActions): HTMLElement {
  const { removed, added } = size(hunk);
  const line = `line ${hunk.start_line + 1}`;
  const item = document.createElement("li");
  const button = (words: string, label: string, className: string, act: () => void) => {
    const made = Object.assign(document.createElement("button"), { type: "button", className, textContent: words, ariaLabel: label });
    made.addEventListener("click", act);
    item.append(made);
    return made;
  };
  const does = isStay(hunk) ? "stays as it is" : `${added} added, ${removed} removed`;
  const go = button("", `Go to hunk ${index + 1}, ${line}, ${does}`, "go", () => actions.visit(index));
  const first = splitLines(hunk.new_text).find((each) => each.trim()) ?? lines[hunk.start_line] ?? "";
  go.append(make("span", line, "place"), make("code", first.trim()));
  if (isStay(hunk)) go.append(make("span", "stays"));
  else go.append(make("ins", `+${added}`), make("del", `−${removed}`));
  button("✓", `Accept hunk ${index + 1}, ${line}`, "accept", () => actions.decide(index, true)).title = "accept";
  const [sign, title] = isStay(hunk) ? ["⇄", "show the other reading"] : ["✗", "reject"];
  button(sign, isStay(hunk) ? `Hunk ${index + 1}, ${line}: ${title}` : `Reject hunk ${index + 1}, ${line}`, "reject", () =>
    actions.decide(index, false),
  ).title = title;
  return item;
}
