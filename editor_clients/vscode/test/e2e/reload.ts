// What no suite in the extension host can see: the window is reloaded under an open preview. All by keys and eyes.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { OVERLAYS } from "./hands";
import { AFTER_THREE, FILE, THREE } from "./suite/samples";

export const RELOADED = "a window that is reloaded";

export async function reload(page: Page, url: (payload: string[][]) => string, folder: string, remote: (path: string) => string): Promise<void> {
  const path = join(folder, "reloaded.py");
  writeFileSync(path, FILE);
  await page.goto(url([["openFile", remote(path)]]));
  await preview(page);

  await page.reload();
  await page.locator(".view-line", { hasText: "def first" }).waitFor();
  await page.locator(".statusbar-item", { hasText: "Fast Apply" }).waitFor(); // the extension is there again
  assert.equal(await overlays(page), 0, "a preview outlived the window");
  assert.equal(readFileSync(path, "utf8"), FILE);

  await preview(page);
  await page.keyboard.press("Control+Alt+Enter");
  await page.locator(".view-line", { hasText: '"3"' }).waitFor();
  await page.keyboard.press("Control+s");
  for (let tries = 0; readFileSync(path, "utf8") !== AFTER_THREE && tries < 100; tries++) await page.waitForTimeout(100);
  assert.equal(readFileSync(path, "utf8"), AFTER_THREE);
  console.log(`\n  ${RELOADED}\n    ✔ shows no preview any more, has written nothing, and works again`);
}

async function preview(page: Page): Promise<void> {
  await page.locator(".view-line", { hasText: "def first" }).first().click();
  await page.locator(".statusbar-item", { hasText: "Fast Apply" }).waitFor();
  await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(THREE)})`);
  await page.keyboard.press("Control+k");
  await page.keyboard.press("a");
  await page.locator(".codelens-decoration a", { hasText: "Accept All 3" }).waitFor();
  assert.equal(await overlays(page), 3);
}

async function overlays(page: Page): Promise<number> {
  return (await page.evaluate<unknown[]>(OVERLAYS)).length;
}
