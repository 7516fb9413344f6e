// Runs the suite in a real VS Code: its server, a browser that shows it, and the extension host that both share.
//
// The suite runs in the extension host. For what only a user can do (keys, the mouse, looking) it asks this process,
// which has the browser: see hands.ts.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { format } from "node:util";
import { type Browser, chromium } from "playwright-core";
import { Hands } from "./hands";
import { type Installed, installed } from "./installed";
import { reload, RELOADED } from "./reload";

const EXTENSION = resolve(__dirname, "../../..");
const LIMIT_MS = Number(process.env["E2E_LIMIT_SECONDS"] ?? 900) * 1000;
const QUIET = [
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking",
  "--disable-component-update --disable-sync --force-device-scale-factor=1 --lang=en-US",
].flatMap((flags) => flags.split(" "));

const NOISE = /^\[|^Creating a socket|^Resolv|workbench\.js|^Updating|^Error: No default agent|getaddrinfo/;

async function main(): Promise<number> {
  const found = installed();
  if (Array.isArray(found)) {
    console.log(`not installed: ${found.join(", ")}`);
    return process.argv.includes("--have") ? 1 : 2;
  }
  if (process.argv.includes("--have")) return 0;
  const scratch = mkdtempSync(join(tmpdir(), "fastapply-e2e-"));
  let server: ChildProcess | undefined;
  let browser: Browser | undefined;
  const end = async (): Promise<void> => {
    await browser?.close().catch(() => undefined);
    // Its children outlive it: the whole group is ended.
    if (server?.pid !== undefined) process.kill(-server.pid, "SIGTERM");
    rmSync(scratch, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => {
      void end().finally(() => process.exit(1));
    });
  try {
    const hands = await Hands.listen(join(EXTENSION, "dist/screenshots"));
    const port = await freePort();
    server = startServer(found, scratch, port, hands.url);
    await answers(`http://127.0.0.1:${port}/version`, server);
    browser = await chromium.launch({ executablePath: found.browser, args: QUIET });
    return await run(browser, hands, port, join(scratch, "work"));
  } finally {
    await end();
  }
}

async function run(browser: Browser, hands: Hands, port: number, folder: string): Promise<number> {
  const origin = `http://127.0.0.1:${port}`;
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: "dark" });
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin });
  context.setDefaultTimeout(120_000); // a slow machine is no failure
  const page = await context.newPage();
  hands.page = page;
  const ended = new Promise<number>((done) => {
    void page.exposeFunction("codeAutomationExit", done);
    page.on("crash", () => {
      console.error("the page crashed");
      done(1);
    });
    setTimeout(() => {
      console.error(`not done within ${LIMIT_MS / 1000} s`);
      void page.screenshot({ path: join(EXTENSION, "dist/timeout.png") }).finally(() => {
        done(1);
      });
    }, LIMIT_MS).unref();
  });
  await page.exposeFunction("codeAutomationLog", (kind: string, args: unknown[]) => {
    const line = format(...args);
    // The workbench says a lot of its own; the suite's report comes as plain lines of the extension host.
    if (process.env["E2E_VERBOSE"] !== undefined || !NOISE.test(line)) console.log(kind === "error" ? `${kind}: ${line}` : line);
  });
  const remote = (path: string): string => `vscode-remote://127.0.0.1:${port}${path}`;
  const url = (payload: string[][]): string => {
    const all = [["extensionDevelopmentPath", remote(EXTENSION)], ["skipWelcome", "true"], ...payload];
    return `${origin}/?${new URLSearchParams({ folder, payload: JSON.stringify(all) }).toString()}`;
  };
  await page.goto(url([["extensionTestsPath", remote(join(EXTENSION, "dist/test/e2e/suite/index"))]]));
  const status = await ended;
  if (new RegExp(process.env["E2E_GREP"] ?? "").test(RELOADED)) await reload(page, url, folder, remote);
  return status;
}

/** A folder for the user, the server's program on PATH, and the VS Code server with them. */
function startServer(found: Installed, scratch: string, port: number, hands: string): ChildProcess {
  const [work, bin] = [join(scratch, "work"), join(scratch, "bin")];
  cpSync(join(EXTENSION, "test/e2e/work"), work, { recursive: true });
  for (const name of ["inventory.py", "update.py"]) cpSync(join(found.repository, "demo", name), join(work, name));
  mkdirSync(bin);
  const script = `#!/bin/sh\nPYTHONPATH='${found.repository}:${found.repository}/lsp' exec '${found.python}' -m fastapply "$@"\n`;
  writeFileSync(join(bin, "fastapply"), script);
  chmodSync(join(bin, "fastapply"), 0o755);
  const data = join(scratch, "data");
  const args = [
    ...[found.serverMain, "--host", "127.0.0.1", "--port", String(port), "--without-connection-token"],
    ...["--accept-server-license-terms", "--enable-smoke-test-driver", "--disable-workspace-trust", "--telemetry-level", "off"],
    "--force-disable-user-env", // PATH is the one below, not a login shell's
    ...["--server-data-dir", data, "--user-data-dir", join(data, "user"), "--extensions-dir", join(data, "extensions")],
  ];
  const env = { ...process.env, PATH: [bin, process.env["PATH"]].join(delimiter), FASTAPPLY_E2E_HANDS: hands };
  const server = spawn(found.node, args, { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [server.stdout, server.stderr])
    stream.on("data", (data: Buffer) => {
      said = (said + data.toString()).slice(-4000);
    });
  server.once("exit", (code) => {
    if (code !== null && code !== 0) console.error(`the VS Code server ended with ${code}:\n${said}`);
  });
  return server;
}

async function freePort(): Promise<number> {
  const socket = createServer().listen(0, "127.0.0.1");
  await once(socket, "listening");
  const address = socket.address();
  socket.close();
  return typeof address === "object" && address ? address.port : 0;
}

async function answers(url: string, server: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 240; tries++) {
    if (server.exitCode !== null) throw new Error("the VS Code server did not start");
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((done) => setTimeout(done, 250));
  }
  throw new Error("the VS Code server does not answer");
}

void main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
