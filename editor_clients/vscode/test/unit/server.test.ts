import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { findServer, INSTALL, ServerNotFoundError, startServer, type Wanted } from "../../src/server";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fastapply-vscode-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function program(path: string, mode = 0o755): Promise<string> {
  const full = join(folder, path);
  await mkdir(dirname(full), { recursive: true });
  await writeFile(full, "#!/bin/sh\necho ready\n");
  await chmod(full, mode);
  return full;
}

const wanted = (more: Partial<Wanted> = {}): Wanted => ({
  path: "",
  folders: [join(folder, "project")],
  trusted: true,
  env: { PATH: [join(folder, "empty"), join(folder, "bin")].join(delimiter), HOME: folder },
  ...more,
});

describe("the server is found", () => {
  test("by the setting, before PATH, before the workspace's .venv", async () => {
    const venv = await program("project/.venv/bin/fastapply");
    assert.deepEqual(await findServer(wanted()), { program: venv, from: "workspace .venv" });
    const onPath = await program("bin/fastapply");
    assert.deepEqual(await findServer(wanted()), { program: onPath, from: "PATH" });
    const set = await program("own/fastapply");
    assert.deepEqual(await findServer(wanted({ path: set })), { program: set, from: "setting" });
  });

  test("with ~ and ${workspaceFolder} in the setting", async () => {
    const own = await program("own/fastapply");
    assert.equal((await findServer(wanted({ path: "~/own/fastapply" }))).program, own);
    const inside = await program("project/tools/fastapply");
    assert.equal((await findServer(wanted({ path: "${workspaceFolder}/tools/fastapply" }))).program, inside);
  });

  test("in any folder of the workspace", async () => {
    const venv = await program("second/.venv/bin/fastapply");
    assert.equal((await findServer(wanted({ folders: [join(folder, "first"), join(folder, "second")] }))).program, venv);
  });
});

describe("the server is not found", () => {
  const missing = async (want: Wanted): Promise<string> => {
    const error: unknown = await findServer(want).then(({ program }) => assert.fail(program), (error: unknown) => error);
    assert.ok(error instanceof ServerNotFoundError);
    assert.ok(error.message.includes(INSTALL), error.message);
    assert.ok(!error.message.includes("\n"));
    return error.message;
  };

  test("nowhere: how to install it is said", async () => {
    await missing(wanted());
  });

  test("a .venv of a workspace that is not trusted is not run, nor a relative folder of PATH", async () => {
    await program("project/.venv/bin/fastapply");
    assert.match(await missing(wanted({ trusted: false })), /untrusted/);
    await missing(wanted({ folders: [], env: { PATH: "." } }));
  });

  test("a setting that names nothing is an error, and nothing else is taken", async () => {
    await program("bin/fastapply");
    assert.match(await missing(wanted({ path: join(folder, "gone/fastapply") })), /gone/);
  });

  test("a file that cannot be run, and a folder, are no program", async () => {
    await program("bin/fastapply", 0o644);
    await mkdir(join(folder, "project/.venv/bin/fastapply"), { recursive: true });
    await missing(wanted());
  });
});

describe("the server is started", () => {
  test("and its output can be read", async () => {
    const child = await startServer(await program("bin/fastapply"), [], { env: {}, cwd: folder });
    assert.ok(child.stdout);
    const [said] = (await once(child.stdout, "data")) as [Buffer];
    assert.equal(said.toString(), "ready\n");
  });

  test("or why not is said", async () => {
    await assert.rejects(startServer(join(folder, "gone"), [], { env: {}, cwd: folder }), ServerNotFoundError);
  });
});
