import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { applied, type Change, type Hunk, linesOf, OpenHunks, type Point, rebase, removedLines, trimmed } from "../../src/hunks";
import { randomly } from "./random";

const hunk = (start: number, end: number, newText: string, id = "1"): Hunk => ({
  id,
  range: { start: { line: start, character: 0 }, end: { line: end, character: 0 } },
  newText,
});
const change = (from: [number, number], to: [number, number], text: string): Change => ({
  range: { start: { line: from[0], character: from[1] }, end: { line: to[0], character: to[1] } },
  text,
});
const offsetIn = (text: string) => (point: Point) => {
  const starts = [0, ...[...text.matchAll(/\r\n|\r|\n/g)].map((end) => end.index + end[0].length)];
  return Math.min((starts[point.line] ?? text.length) + point.character, text.length);
};

describe("the lines of a hunk", () => {
  test("whole lines, an insertion, and the end of a file without a final line end", () => {
    assert.deepEqual(removedLines(hunk(3, 5, "x\n")), { start: 3, end: 5 });
    assert.deepEqual(removedLines(hunk(3, 3, "x\n")), { start: 3, end: 3 });
    const last = { id: "1", range: { start: { line: 7, character: 0 }, end: { line: 7, character: 4 } }, newText: "x" };
    assert.deepEqual(removedLines(last), { start: 7, end: 8 });
    const behind = { id: "1", range: { start: { line: 7, character: 4 }, end: { line: 7, character: 4 } }, newText: "\nx" };
    assert.deepEqual(removedLines(behind), { start: 8, end: 8 });
  });

  test("a final line end begins no further line", () => {
    assert.deepEqual(linesOf("a\r\nb\n"), ["a", "b"]);
    assert.deepEqual(linesOf("a\n\n"), ["a", ""]);
    assert.deepEqual(linesOf(""), []);
  });
});

describe("rebase", () => {
  test("lines typed above move a hunk, lines below do not", () => {
    assert.deepEqual(rebase(hunk(5, 6, "x\n"), change([1, 4], [1, 4], "\n\n")), hunk(7, 8, "x\n"));
    assert.deepEqual(rebase(hunk(5, 6, "x\n"), change([1, 0], [3, 0], "")), hunk(3, 4, "x\n"));
    assert.deepEqual(rebase(hunk(5, 6, "x\n"), change([6, 0], [6, 0], "y")), hunk(5, 6, "x\n"));
  });

  test("a change in its lines loses it, one in the line above does not", () => {
    assert.equal(rebase(hunk(5, 6, "x\n"), change([5, 2], [5, 3], "y")), undefined);
    assert.deepEqual(rebase(hunk(5, 6, "x\n"), change([4, 2], [4, 3], "y")), hunk(5, 6, "x\n"));
  });

  test("two insertions at one place have no order", () => {
    assert.equal(rebase(hunk(5, 5, "x\n"), change([5, 0], [5, 0], "y\n")), undefined);
  });

  test("any whole-line edit apart from a hunk gives the same text in either order", () => {
    randomly(500, (random) => {
      const count = 6 + random.int(10);
      const text = Array.from({ length: count }, (_, line) => `line ${line}\n`).join("");
      const start = random.int(count);
      const one = hunk(start, Math.min(count, start + random.int(3)), "new\n".repeat(random.int(3)));
      const from = random.int(count);
      const to = Math.min(count, from + random.int(3));
      const other = change([from, 0], [to, 0], "typed\n".repeat(random.int(3)));
      const moved = rebase(one, other);
      const apart = to < one.range.start.line || from > one.range.end.line;
      if (!moved) {
        assert.ok(!apart, "a hunk apart from the change was lost");
        return;
      }
      const edit = hunk(from, to, other.text);
      const typed = applied(text, [edit], offsetIn(text));
      if (apart) assert.equal(applied(typed, [moved], offsetIn(typed)), applied(text, [one, edit], offsetIn(text)));
    });
  });
});

describe("OpenHunks", () => {
  test("what the server says of an older version is brought to the document's", () => {
    const open = new OpenHunks(1);
    assert.deepEqual(open.change([change([0, 0], [0, 0], "\n")], 2), []);
    open.add([hunk(4, 5, "x\n", "a")], 1); // the server had not heard of version 2
    assert.deepEqual(open.all, [hunk(5, 6, "x\n", "a")]);
    open.add([hunk(9, 9, "y\n", "b")], 2);
    assert.deepEqual(open.all.map(({ id, range }) => [id, range.start.line]), [["a", 5], ["b", 9]]);
  });

  test("the final hunks take the place of those that had settled", () => {
    const open = new OpenHunks(1);
    open.add([hunk(4, 5, "x\n", "a"), hunk(1, 2, "z\n", "b")], 1);
    open.replace([hunk(4, 6, "xy\n", "c")], 1);
    assert.deepEqual(open.all, [hunk(4, 6, "xy\n", "c")]);
  });

  test("a hunk that settles twice is there once", () => {
    const open = new OpenHunks(1);
    open.add([hunk(4, 5, "x\n", "a")], 1);
    open.add([hunk(4, 5, "xx\n", "a")], 1);
    assert.deepEqual(open.all, [hunk(4, 5, "xx\n", "a")]);
  });

  test("a change in the lines of one loses that one only", () => {
    const open = new OpenHunks(1);
    open.add([hunk(1, 2, "x\n", "a"), hunk(4, 5, "y\n", "b")], 1);
    assert.deepEqual(open.change([change([1, 1], [1, 1], "typed")], 2).map(({ id }) => id), ["a"]);
    assert.deepEqual(open.all.map(({ id }) => id), ["b"]);
  });

  test("several changes of one event come one after the other", () => {
    const open = new OpenHunks(1);
    open.add([hunk(6, 7, "x\n", "a")], 1);
    open.change([change([3, 0], [3, 0], "\n"), change([1, 0], [2, 0], "")], 2);
    assert.deepEqual(open.all, [hunk(6, 7, "x\n", "a")]);
    open.change([change([3, 0], [3, 0], "\n"), change([1, 0], [1, 0], "\n\n")], 3);
    assert.deepEqual(open.all, [hunk(9, 10, "x\n", "a")]);
  });

  test("the hunk near a line, and the way from one to the next, going round", () => {
    const open = new OpenHunks(1);
    open.add([hunk(2, 4, "x\n", "a"), hunk(8, 8, "y\n", "b")], 1);
    assert.deepEqual([0, 3, 4, 8, 20].map((line) => open.near(line)?.id), ["a", "a", "b", "b", "b"]);
    assert.deepEqual([0, 2, 8].map((line) => open.step(line, 1)?.id), ["a", "b", "a"]);
    assert.deepEqual([9, 8, 2].map((line) => open.step(line, -1)?.id), ["b", "a", "b"]);
  });
});

describe("trimmed", () => {
  test("only what differs stays", () => {
    assert.deepEqual(trimmed("return one\n", "return two\n"), { from: 7, to: 10, text: "two" });
    assert.deepEqual(trimmed("", "new\n"), { from: 0, to: 0, text: "new\n" });
    assert.deepEqual(trimmed("aa", "a"), { from: 1, to: 2, text: "" });
  });

  test("neither a pair of surrogates nor a line end is torn", () => {
    assert.deepEqual(trimmed("😀", "😁"), { from: 0, to: 2, text: "😁" });
    assert.deepEqual(trimmed("a\n", "a\r\n"), { from: 1, to: 2, text: "\r\n" });
  });

  test("any edit gives the text that it gave untrimmed", () => {
    randomly(2000, (random) => {
      const text = (): string => Array.from({ length: random.int(8) }, () => random.of(["a", "b", "\r", "\n", "😀", "😁", "é"])).join("");
      const [old, wanted] = [text(), text()];
      const small = trimmed(old, wanted);
      assert.equal(old.slice(0, small.from) + small.text + old.slice(small.to), wanted);
      assert.ok(small.from <= small.to);
      for (const at of [small.from, small.to]) assert.doesNotMatch(old.slice(at - 1, at + 1), /^[\uD800-\uDBFF][\uDC00-\uDFFF]$|^\r\n$/);
    });
  });
});
