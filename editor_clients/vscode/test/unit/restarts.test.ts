import assert from "node:assert/strict";
import { test } from "node:test";
import { Restarts, WINDOW_MS } from "../../src/restarts";

test("so many restarts, each after a longer wait, and then no more", () => {
  const restarts = new Restarts(3);
  assert.deepEqual([0, 10, 20, 30].map((now) => restarts.crashed(now)), [250, 500, 1000, undefined]);
});

test("a server that ran long enough begins anew", () => {
  const restarts = new Restarts(1);
  assert.equal(restarts.crashed(0), 250);
  assert.equal(restarts.crashed(WINDOW_MS), 250);
  assert.equal(restarts.crashed(WINDOW_MS + 1), undefined);
});

test("none, where the user wants none", () => {
  assert.equal(new Restarts(0).crashed(0), undefined);
});
