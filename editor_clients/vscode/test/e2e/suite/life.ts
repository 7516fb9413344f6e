// The server's life: cancelling, crashes, restarts, a server that is not there.
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { commands, env, workspace } from "vscode";
import { AFTER_THREE, FILE, THREE } from "./samples";
import { api, click, closeAll, gone, hunks, open, overlays, press, notices, preview, running, until } from "./user";

const NOTICE = ".notification-list-item";

const server = async () => (await api()).server();
async function kill(): Promise<number> {
  const pid = await running();
  process.kill(pid, "SIGKILL");
  return pid;
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

export function life(): void {
  describe("a rewrite that is not wanted any more", () => {
    for (const [how, cancel] of [
      [
        "by Escape",
        async () => {
          await commands.executeCommand("notifications.hideList");
          await commands.executeCommand("workbench.action.focusActiveEditorGroup");
          await press("Escape");
        },
      ],
      [
        "by the button of its progress",
        async () => {
          if ((await notices()).some((said) => said.includes("stopped.py"))) await click(`${NOTICE} .monaco-button`, "Cancel");
        },
      ],
    ] as const)
      it(`is cancelled ${how}, and leaves nothing behind`, async () => {
        const editor = await open("stopped.py", FILE);
        await env.clipboard.writeText(THREE);
        const pid = await running();
        process.kill(pid, "SIGSTOP"); // the slowest of all servers
        try {
          void commands.executeCommand("fastapply.applyFromClipboard");
          const { preview: now } = await api();
          await until("it runs", () => now(editor.document.uri)?.phase === "running");
          await until("its progress", async () => (await notices()).some((said) => said.includes("stopped.py")));
          await until("it is gone, though the server has not stopped", async () => {
            await cancel();
            return now(editor.document.uri) === undefined;
          });
          await until("so is its progress", async () => !(await notices()).some((said) => said.includes("stopped.py")));
        } finally {
          process.kill(pid, "SIGCONT");
        }
        assert.equal((await overlays()).length, 0);
        assert.equal(editor.document.getText(), FILE);
        const after = await open("after.py", FILE);
        await preview(after, THREE);
        assert.equal((await hunks(after.document)).length, 3);
      });

    it("is shown, and cancelled, while the server still starts", async () => {
      const editor = await open("starting.py", FILE);
      await env.clipboard.writeText(THREE);
      const before = await running();
      const restarted = commands.executeCommand("fastapply.restartServer");
      const pid = await until("another server", async () => {
        const { state, pid: now } = await server();
        return state === "starting" && now !== before && now;
      });
      process.kill(pid, "SIGSTOP");
      try {
        void commands.executeCommand("fastapply.applyFromClipboard");
        const { preview: now } = await api();
        await until("it runs", () => now(editor.document.uri)?.phase === "running");
        await until("its progress", async () => (await notices()).some((said) => said.includes("starting.py")));
        assert.equal((await server()).state, "starting");
        await commands.executeCommand("fastapply.cancelRewrite");
        assert.equal(now(editor.document.uri), undefined);
        await until("so is its progress", async () => !(await notices()).some((said) => said.includes("starting.py")));
      } finally {
        process.kill(pid, "SIGCONT");
      }
      await restarted;
      await preview(editor, THREE);
      assert.equal((await hunks(editor.document)).length, 3);
    });

    it("is superseded by the next one on the same document", async () => {
      const editor = await open("superseded.py", FILE);
      const { apply } = await api();
      const [first, second] = await Promise.all([apply(editor.document.uri, THREE), apply(editor.document.uri, THREE.replace('"2"', '"two"'))]);
      assert.equal(first, undefined);
      assert.equal(second?.status, "applied");
      await commands.executeCommand("fastapply.acceptAll");
      await gone(editor.document);
      assert.equal(editor.document.getText(), AFTER_THREE.replace('"2"', '"two"'));
    });

    it("is rejected where the edit does not fit, and the user is told", async () => {
      const editor = await open("misfit.py", FILE);
      const { apply } = await api();
      const answer = await apply(editor.document.uri, "<<<<<<< SEARCH\nnothing of the kind\n=======\nelse\n>>>>>>> REPLACE\n");
      assert.equal(answer?.status ?? "refused", answer ? "rejected" : "refused");
      await until("a message", async () => (await notices()).some((text) => text.includes("misfit.py")));
      await gone(editor.document);
      assert.equal(editor.document.getText(), FILE);
      await commands.executeCommand("notifications.clearAll");
    });
  });

  describe("a server that is restarted while it starts", () => {
    it("ends, and the one after it works", async () => {
      const before = await running();
      const restarts = [commands.executeCommand("fastapply.restartServer")];
      const first = await until("another server", async () => {
        const { state, pid: now } = await server();
        return state === "starting" && now !== before && now;
      });
      process.kill(first, "SIGSTOP"); // so that it still starts
      restarts.push(commands.executeCommand("fastapply.restartServer"));
      const second = await until("a third server", async () => {
        const { pid: now } = await server();
        return now !== first && now;
      });
      process.kill(first, "SIGCONT");
      await Promise.all(restarts);
      await until("the first one has ended", () => !alive(first));
      assert.equal(await running(), second);
      const editor = await open("replaced.py", FILE);
      await preview(editor, THREE);
      assert.equal((await hunks(editor.document)).length, 3);
    });
  });

  describe("a server that crashes", () => {
    it("takes its previews with it, is started again, and works again", async () => {
      const editor = await open("crash.py", FILE);
      await preview(editor, THREE);
      const pid = await kill();
      await gone(editor.document);
      await until("no overlay", async () => (await overlays()).length === 0);
      await running(pid);
      await preview(editor, THREE);
      await commands.executeCommand("fastapply.acceptAll");
      await gone(editor.document);
      assert.equal(editor.document.getText(), AFTER_THREE);
    });

    it("is given up after so many restarts, with a message; trying again works", async () => {
      await commands.executeCommand("fastapply.restartServer"); // a person's restart begins a new count
      for (let crash = 0; crash < 4; crash++) {
        const pid = await kill();
        if (crash < 3) await running(pid);
      }
      await until("given up", async () => (await server()).state === "failed");
      assert.match((await server()).detail, /ended 4 times/);
      await until("a message", async () => (await notices()).some((text) => text.includes("ended 4 times")));
      await click(`${NOTICE} .monaco-button`, "Try Again");
      await running();
    });
  });

  describe("a server that is not there", () => {
    it("is told with how to install it, and found once the setting is right", async () => {
      const config = workspace.getConfiguration("fastapply");
      await config.update("server.path", "/nowhere/fastapply", false);
      try {
        await until("a message", async () => (await notices()).some((text) => /\/nowhere\/fastapply.*pip install/s.test(text)));
        assert.equal((await server()).state, "failed");
      } finally {
        await config.update("server.path", undefined, false);
        await running();
        await commands.executeCommand("notifications.clearAll");
        await closeAll();
      }
    });
  });
}
