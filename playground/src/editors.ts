// The three editors: the edit, and file and rewrite side by side.
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { c, cpp, csharp, dart, java, kotlin, scala } from "@codemirror/legacy-modes/mode/clike";
import { css } from "@codemirror/legacy-modes/mode/css";
import { go } from "@codemirror/legacy-modes/mode/go";
import { javascript, json, typescript } from "@codemirror/legacy-modes/mode/javascript";
import { lua } from "@codemirror/legacy-modes/mode/lua";
import { python } from "@codemirror/legacy-modes/mode/python";
import { ruby } from "@codemirror/legacy-modes/mode/ruby";
import { rust } from "@codemirror/legacy-modes/mode/rust";
import { shell } from "@codemirror/legacy-modes/mode/shell";
import { swift } from "@codemirror/legacy-modes/mode/swift";
import { toml } from "@codemirror/legacy-modes/mode/toml";
import { html, xml } from "@codemirror/legacy-modes/mode/xml";
import { yaml } from "@codemirror/legacy-modes/mode/yaml";
import { MergeView } from "@codemirror/merge";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { EditorView, drawSelection, highlightSpecialChars, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import { type Mark, mark, marks } from "./marks";
import { origin } from "./origin";

const MODES = {
  python: [python, "py pyi"],
  javascript: [javascript, "js jsx mjs cjs"],
  typescript: [typescript, "ts tsx mts cts"],
  json: [json, "json"],
  go: [go, "go"],
  rust: [rust, "rs"],
  ruby: [ruby, "rb"],
  shell: [shell, "sh bash"],
  c: [c, "c h"],
  cpp: [cpp, "cc cpp cxx hh hpp"],
  csharp: [csharp, "cs"],
  java: [java, "java"],
  kotlin: [kotlin, "kt kts"],
  scala: [scala, "scala"],
  dart: [dart, "dart"],
  swift: [swift, "swift"],
  lua: [lua, "lua"],
  css: [css, "css scss"],
  html: [html, "html htm vue svelte"],
  xml: [xml, "xml svg"],
  yaml: [yaml, "yaml yml"],
  toml: [toml, "toml"],
} as const;

function modeOf(path: string): Extension {
  const ending = path.split(".").pop()?.toLowerCase() ?? "";
  const found = Object.values(MODES).find(([, endings]) => endings.split(" ").includes(ending));
  return found && path.includes(".") ? StreamLanguage.define(found[0]) : [];
}

const mode = new Compartment();

function base(label: string): Extension {
  const nonce = document.querySelector<HTMLMetaElement>("meta[name=csp-nonce]")?.content ?? "";
  return [
    EditorView.cspNonce.of(nonce),
    EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false" }),
    lineNumbers(),
    highlightSpecialChars(),
    drawSelection(),
    EditorView.lineWrapping,
    syntaxHighlighting(classHighlighter),
    mode.of([]),
  ];
}

function editable(onEdit: () => void): Extension {
  return [
    history(),
    keymap.of([...defaultKeymap, ...historyKeymap]), // Tab is not among them: it leads on to the next control
    EditorView.updateListener.of((update) => {
      const byHand = ["input", "delete", "undo", "redo", "move"];
      if (update.docChanged && update.transactions.some((each) => byHand.some((kind) => each.isUserEvent(kind)))) onEdit();
    }),
  ];
}

export class Editors {
  readonly update: EditorView;
  private readonly merge: MergeView;

  /** `onFileEdit`: a person changed the file; `onUpdateEdit`: or the edit. */
  constructor(updateParent: Element, mergeParent: Element, onFileEdit: () => void, onUpdateEdit: () => void) {
    const hint = "Paste or drop the edit: a snippet with `... existing code ...` for what stays, a whole method, a diff";
    this.update = new EditorView({
      parent: updateParent,
      extensions: [base("Edit"), editable(onUpdateEdit), placeholder(hint)],
    });
    this.merge = new MergeView({
      parent: mergeParent,
      a: { extensions: [base("File"), editable(onFileEdit), marks, placeholder("Paste or drop a file here, or press Open…")] },
      b: {
        extensions: [
          base("Rewritten file"),
          keymap.of(defaultKeymap),
          EditorState.readOnly.of(true),
          origin,
          marks,
          placeholder("The rewritten file comes here"),
        ],
      },
      diffConfig: { scanLimit: 1000, timeout: 200 },
    });
  }

  get file(): EditorView {
    return this.merge.a;
  }

  get rewrite(): EditorView {
    return this.merge.b;
  }

  /** Mark hunks on both sides. */
  mark(file: Mark[], rewrite: Mark[]): void {
    this.file.dispatch({ effects: mark.of(file) });
    this.rewrite.dispatch({ effects: mark.of(rewrite) });
  }

  setLanguage(path: string): void {
    for (const view of [this.update, this.file, this.rewrite]) {
      view.dispatch({ effects: mode.reconfigure(modeOf(path)) });
    }
  }
}

export function setText(view: EditorView, text: string): void {
  view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
}
