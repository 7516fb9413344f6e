// All there is to say of a rewrite, as a document beside it: what is in doubt, the other readings, what was not sure.
import { type QuickPickItem, type TextDocument, ViewColumn, window, workspace } from "vscode";
import type { Client } from "./client";
import type { Previews } from "./preview";
import { type ApplyAnswer, readingsRequest } from "./protocol";

const SAID = { applied: "sure", needs_review: "look at it", rejected: "does not fit" } as const;

export async function showDetails(name: string, answer: ApplyAnswer): Promise<void> {
  const content = detailsOf(name, answer);
  const document = await workspace.openTextDocument({ language: "markdown", content });
  await window.showTextDocument(document, { viewColumn: ViewColumn.Beside, preserveFocus: true, preview: true });
}

/** The text of the details, in Markdown. */
export function detailsOf(name: string, { status, confidence, model, checks, alternatives }: ApplyAnswer): string {
  const by = model.alignmentOnly ? "alignment alone" : model.name;
  const failed = checks.filter(({ ok }) => !ok).map(({ detail }) => `- ${detail}`);
  const readings = alternatives.map(
    ({ number, share, diff }) => `## Reading ${number}, ${Math.round(100 * (share ?? 0))} %\n\n\`\`\`diff\n${unnamed(diff)}\n\`\`\``,
  );
  return [`# ${name}`, `${SAID[status]}, confidence ${confidence.toFixed(2)}, by ${by}`, failed.join("\n"), ...readings]
    .filter((part) => part !== "")
    .join("\n\n")
    .concat("\n");
}

/** A diff without the two lines that name its file: its name stands above. */
function unnamed(diff: string): string {
  return diff.trimEnd().split("\n").slice(2).join("\n");
}

/** Let the user pick another reading of a doubtful update, and show it. */
export async function pickReading(client: Client, previews: Previews, document: TextDocument): Promise<void> {
  const server = client.now;
  if (!server || previews.get(document)?.phase !== "open") return;
  const textDocument = { uri: server.code2ProtocolConverter.asUri(document.uri) };
  const { reading, readings } = await server.sendRequest(readingsRequest, { textDocument });
  const items: (QuickPickItem & { number: number })[] = readings.map(({ number, share, diff }) => ({
    label: `Reading ${number}`,
    description: [number === reading ? "shown" : "", share === undefined ? "" : `${Math.round(100 * share)} %`].filter(Boolean).join(", "),
    detail: diff.split("\n").filter((line) => /^[-+](?![-+])/.test(line)).slice(0, 3).join("  "),
    number,
  }));
  const chosen = await window.showQuickPick(items, { placeHolder: "What does the update mean?" });
  if (!chosen) return;
  try {
    await server.sendRequest(readingsRequest, { textDocument, take: chosen.number });
  } catch (error) {
    void window.showWarningMessage(`Fast Apply: ${error instanceof Error ? error.message : String(error)}`);
  }
}
