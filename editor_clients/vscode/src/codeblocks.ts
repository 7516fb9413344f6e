// Fenced code blocks of Markdown: what chats answer with. Pure values.

export interface CodeBlock {
  /** The code, without the fences. */
  text: string;
  /** First and last line of the block, fences included. */
  start: number;
  end: number;
  language: string;
  /** A file that the block names: in its info string, or alone on the line before it. */
  path?: string;
}

const FENCE = /^( {0,3})(`{3,}|~{3,})[ \t]*([^\r\n]*)$/;
const PATH = /^[\w@./\\ -]*[\w-]\.[A-Za-z0-9_+-]{1,10}$/;

export function codeBlocks(markdown: string): CodeBlock[] {
  const lines = markdown.split(/\r\n|\r|\n/);
  const blocks: CodeBlock[] = [];
  for (let number = 0; number < lines.length; number++) {
    const fence = FENCE.exec(lines[number] ?? "");
    const [, indent = "", marks = "", info = ""] = fence ?? [];
    if (!fence || (marks.startsWith("`") && info.includes("`"))) continue;
    const close = lines.findIndex((line, at) => at > number && closes(line, marks));
    const end = close < 0 ? lines.length - 1 : close;
    const code = lines.slice(number + 1, close < 0 ? lines.length : close).map((line) => outdented(line, indent.length));
    const path = pathIn(info, lines[number - 1]);
    blocks.push({
      text: code.map((line) => `${line}\n`).join(""),
      start: number,
      end,
      language: info.trim().split(/[\s:{]/, 1)[0] ?? "",
      ...(path === undefined ? {} : { path }),
    });
    number = end;
  }
  return blocks;
}

export function blockAt(blocks: readonly CodeBlock[], line: number): CodeBlock | undefined {
  return blocks.find(({ start, end }) => start <= line && line <= end);
}

/** Whether an open file is the one that a block names: the same last parts of the path. */
export function names(block: CodeBlock, file: string): boolean {
  if (block.path === undefined) return false;
  const wanted = block.path.replaceAll("\\", "/").replace(/^(\.?\/)+/, "");
  const path = file.replaceAll("\\", "/");
  return path === wanted || path.endsWith(`/${wanted}`);
}

function closes(line: string, marks: string): boolean {
  const found = /^ {0,3}(`{3,}|~{3,})[ \t]*$/.exec(line)?.[1];
  return found !== undefined && found.startsWith(marks.charAt(0)) && found.length >= marks.length;
}

function outdented(line: string, indent: number): string {
  return line.replace(new RegExp(`^ {0,${indent}}`), "");
}

function pathIn(info: string, before: string | undefined): string | undefined {
  const said = [
    ...info.split(/\s+/).map((word) => word.replace(/^(?:[\w+-]+:)?(?:(?:file|path|title|filename)=)?["']?/, "").replace(/["'}]+$/, "")),
    (before ?? "").trim().replace(/^(?:#+|[-*])\s+/, "").replace(/^(?:file(?:name)?|path):?\s+/i, "").replace(/^[*`_]+|[*`_:]+$/g, ""),
  ];
  return said.find((word) => PATH.test(word) && !word.includes(" "));
}
