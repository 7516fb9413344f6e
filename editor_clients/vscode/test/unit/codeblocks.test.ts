import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { blockAt, codeBlocks, names } from "../../src/codeblocks";

const one = (markdown: string) => codeBlocks(markdown)[0] ?? assert.fail("no block was found");

describe("code blocks", () => {
  test("an answer of a chat", () => {
    const blocks = codeBlocks("Do this:\n\n```python\na = 1\n```\r\n\nor\n\n~~~\n```\nb\n~~~\n");
    assert.deepEqual(
      blocks.map(({ text, language, start, end }) => ({ text, language, start, end })),
      [
        { text: "a = 1\n", language: "python", start: 2, end: 4 },
        { text: "```\nb\n", language: "", start: 8, end: 11 },
      ],
    );
    assert.equal(blockAt(blocks, 3), blocks[0]);
    assert.equal(blockAt(blocks, 6), undefined);
  });

  test("a longer fence encloses a shorter one, an open one goes to the end", () => {
    assert.equal(one("````md\n```py\nx\n```\n````\n").text, "```py\nx\n```\n");
    assert.equal(one("```py\nx\ny").text, "x\ny\n");
  });

  test("inline code is no fence", () => {
    assert.deepEqual(codeBlocks("```a``` and ```b```\n"), []);
  });

  test("the indent of the fence goes, that of the code stays", () => {
    assert.equal(one("  ```\n  def f():\n      pass\n  ```\n").text, "def f():\n    pass\n");
  });
});

describe("the file that a block names", () => {
  for (const [markdown, path] of [
    ["```python src/app.py\n```", "src/app.py"],
    ["```python:src/app.py\n```", "src/app.py"],
    ['```ts title="a/b.test.ts"\n```', "a/b.test.ts"],
    ["**`src/app.py`**\n```python\n```", "src/app.py"],
    ["### File: src/app.py\n```python\n```", "src/app.py"],
    ["Change it like this.\n```python\n```", undefined],
    ["```python {1,3}\n```", undefined],
    ["```python\n```", undefined],
  ] as const)
    test(JSON.stringify(markdown), () => {
      assert.equal(one(markdown).path, path);
    });

  test("by its last parts", () => {
    const block = one("```py ./src/app.py\n```");
    assert.ok(names(block, "/home/me/src/app.py"));
    assert.ok(!names(block, "/home/me/othersrc/app.py"));
    assert.ok(!names(one("```py\n```"), "/home/me/src/app.py"));
  });
});
