// What became of an edit, in the panel beside it: status, confidence, speed, origin of the text, hunks, checks.
import type { Delta, Hunk, Result } from "./api";
import { size } from "./text";

export function element<E extends HTMLElement = HTMLElement>(id: string): E {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no #${id}`);
  return found as E;
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
    showNumbers({
      "tokens/s": this.tokens && seconds > 0.2 ? String(Math.round(this.tokens / seconds)) : "…",
      tokens: String(this.tokens),
      lines: `${line} of ${lines}`,
      seconds: ((performance.now() - this.started) / 1000).toFixed(1),
    });
    showOrigin(this.tokens, this.drafted);
  }
}

export function setStatus(kind: string, words: string): void {
  const status = element("status");
  status.dataset.kind = kind;
  if (status.textContent !== words) status.textContent = words; // else a screen reader says it again
}

export function showResult(result: Result): void {
  const { stats } = result;
  setStatus(result.status, result.status.replace("_", " "));
  element("confidence").hidden = result.status === "rejected";
  element<HTMLMeterElement>("confidence-meter").value = result.confidence;
  element("confidence").dataset.kind = result.status;
  element("confidence-value").textContent = `${(result.confidence * 100).toFixed(1)} %`;
  showNumbers(
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
  element("checks").replaceChildren(
    ...result.checks.map((check) => {
      const row = document.createElement("li");
      row.className = check.ok ? "ok" : "failed";
      row.textContent = check.ok ? check.name : `${check.name}: ${check.detail}`;
      row.title = check.detail;
      return row;
    }),
  );
}

export function clearReport(): void {
  setStatus("idle", "");
  element("confidence").hidden = true;
  element("origin").hidden = true;
  showNumbers({});
  element("checks").replaceChildren();
  showHunks([], [], 0, () => {}, () => {});
}

function showNumbers(numbers: Record<string, string>): void {
  element("numbers").replaceChildren(
    ...Object.entries(numbers).map(([name, value]) => {
      const cell = document.createElement("div");
      const [term, number] = [document.createElement("dt"), document.createElement("dd")];
      term.textContent = name;
      number.textContent = value;
      cell.append(number, term);
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

/** One button a hunk, pressed where it is accepted. */
export function showHunks(
  hunks: Hunk[],
  accepted: boolean[],
  current: number,
  toggle: (index: number) => void,
  visit: (index: number) => void,
): void {
  const list = element("hunks");
  element("hunk-panel").hidden = !hunks.length;
  element("hunk-count").textContent = `${accepted.filter(Boolean).length} of ${hunks.length} accepted`;
  if (list.childElementCount !== hunks.length) {
    // Built once: what is replaced between press and release of a mouse button gets no click.
    list.replaceChildren(...hunks.map((hunk, index) => row(hunk, index, toggle, visit)));
  }
  list.querySelectorAll("button").forEach((button, index) => {
    button.setAttribute("aria-pressed", String(accepted[index]));
    if (index === current) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  });
}

function row(hunk: Hunk, index: number, toggle: (index: number) => void, visit: (index: number) => void): HTMLElement {
  const { removed, added } = size(hunk);
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-label", `Hunk ${index + 1}, line ${hunk.start_line + 1}, ${added} added, ${removed} removed`);
  button.addEventListener("click", () => toggle(index));
  button.addEventListener("focus", () => visit(index));
  const [place, plus, minus] = ["span", "ins", "del"].map((tag) => document.createElement(tag)) as [HTMLElement, HTMLElement, HTMLElement];
  place.textContent = `line ${hunk.start_line + 1}`;
  plus.textContent = `+${added}`;
  minus.textContent = `−${removed}`;
  button.append(place, plus, minus);
  const item = document.createElement("li");
  item.append(button);
  return item;
}
