// What the server says, and how it is asked.

export interface Hunk {
  start_line: number;
  end_line: number;
  new_text: string;
}

export interface Delta {
  text: string; // as the model writes it: LF
  hunks: Hunk[];
  lines_done: number; // of the original
  tokens: number; // 0: the text did not go through the model
  drafted: number;
  drafted_characters: number; // code points, from the start of `text`
}

export interface Stats {
  prompt_tokens: number;
  output_tokens: number;
  forward_passes: number;
  drafted_tokens: number;
  accepted_tokens: number;
  prefill_seconds: number;
  decode_seconds: number;
  seconds: number;
}

export interface Result {
  status: "applied" | "needs_review" | "rejected";
  text: string;
  confidence: number;
  hunks: Hunk[];
  checks: { name: string; ok: boolean; detail: string }[];
  stats: Stats;
  alternatives?: { number: number; hunks: Hunk[]; share: number; diff: string }[];
}

export interface Request {
  original: string;
  update: string;
  instruction: string;
  path: string | null;
}

/** What the server refused, in its own words. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

const TOKEN = "fastapply.token";

export function keepToken(token: string): void {
  sessionStorage.setItem(TOKEN, token); // forgotten with the tab
}

function headers(): Record<string, string> {
  const token = sessionStorage.getItem(TOKEN);
  return { "Content-Type": "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}) };
}

/** The name of the server's model. Throws Refused. */
export async function modelName(): Promise<string> {
  const answer = await fetch("v1/models", { headers: headers() });
  await refuse(answer);
  return ((await answer.json()) as { data: { id: string }[] }).data[0]?.id ?? "";
}

/** One edit, step by step. Aborting stops the model. Throws Refused. */
export async function* apply(request: Request, signal: AbortSignal): AsyncGenerator<Delta | Result> {
  const body = JSON.stringify({ ...request, stream: true });
  const answer = await fetch("v1/apply", { method: "POST", headers: headers(), body, signal });
  await refuse(answer);
  if (!answer.body) throw new Refused("the server's answer is empty", answer.status);
  for await (const data of events(answer.body)) {
    if ("error" in data) throw new Refused((data.error as { message: string }).message, 200);
    yield data as unknown as Delta | Result;
  }
}

async function refuse(answer: Response): Promise<void> {
  if (answer.ok) return;
  const said = await answer.json().catch(() => null);
  throw new Refused(said?.error?.message ?? `the server answered ${answer.status}`, answer.status);
}

async function* events(stream: ReadableStream<Uint8Array>): AsyncGenerator<Record<string, unknown>> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let waiting = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (waiting + decoder.decode(value, { stream: true })).split("\n\n");
    waiting = parts.pop() ?? "";
    for (const part of parts) {
      const line = part.split("\n").find((each) => each.startsWith("data: "));
      if (line) yield JSON.parse(line.slice(6));
    }
  }
}
