import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { overlayColumn, overlayCss, overlayLines, visible, width } from "../../src/overlay";

const css = (lines: string[], hidden = 0): string => overlayCss({ lines, hidden }, 12, { border: "red", top: "0" });

/** What a browser makes of `content`. */
function content(rules: string): string {
  const said = /content: '((?:[A-Za-z0-9 ]|\\[0-9a-f]{6})*)'/.exec(rules)?.[1] ?? assert.fail(`not wholly escaped: ${rules}`);
  return said.replace(/\\([0-9a-f]{6})\s?/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)));
}

describe("the style of an overlay", () => {
  test("a browser reads the lines again as they were", () => {
    const lines = ["    if (a) { b = \"it's\"; }", "\\a '; } * { display: none } /*", "url(http://x) </style> {0} é 😀"];
    assert.equal(content(css(lines)), lines.join("\n"));
  });

  test("how many lines are left out stands below", () => {
    assert.equal(content(css(["a"], 7)), "a\n... 7 more lines");
  });
});

describe("lines as they look", () => {
  test("tabs reach the next column", () => {
    assert.equal(visible("\ta\tb", 4), "    a   b");
    assert.equal(visible("\ta", 2), "  a");
  });

  test("what would hide something is shown by its number", () => {
    assert.equal(visible("a\u202Eb\u200B\u0000", 4), "a<U+202e>b<U+200b><U+0000>");
    assert.equal(visible("a\u200Db 👩\u200D👧", 4), "a<U+200d>b 👩\u200D👧"); // what joins emoji hides nothing
  });

  test("wide characters take two columns", () => {
    assert.equal(width("a漢😀", 4), 5);
  });

  test("the overlay begins behind all lines that it would cover, but not out of sight", () => {
    assert.equal(overlayColumn(["abc", "\tabc"], 4), 10);
    assert.equal(overlayColumn(["x".repeat(500)], 4), 100);
    assert.equal(overlayColumn([], 4), 3);
  });

  test("no more lines than wanted", () => {
    assert.deepEqual(overlayLines(["a", "b", "c"], [], 4, 2), { lines: ["a", "b"], hidden: 1 });
    assert.deepEqual(overlayLines(["a"], [], 4, 2), { lines: ["a"], hidden: 0 });
  });

  test("the indent that old and new lines share is left out, a new indent is not", () => {
    assert.deepEqual(overlayLines(["    a", "", "\tb"], ["      c"], 4, 9).lines, ["a", "", "b"]);
    assert.deepEqual(overlayLines(["        a"], ["    a"], 4, 9).lines, ["    a"]);
    assert.deepEqual(overlayLines(["    a"], [], 4, 9).lines, ["    a"]);
  });
});
