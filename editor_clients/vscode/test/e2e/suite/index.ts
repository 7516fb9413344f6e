// The entry that VS Code calls in its extension host.
import Mocha from "mocha";
import { commands } from "vscode";
import { tests } from "./tests";
import { api, closeAll, screenshot } from "./user";

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: "bdd", timeout: 300_000, slow: 20_000, color: false, bail: process.env["E2E_BAIL"] === "1" });
  const grep = process.env["E2E_GREP"];
  if (grep !== undefined) mocha.grep(new RegExp(grep));
  mocha.suite.emit("pre-require", globalThis, "tests", mocha);
  tests();
  mocha.suite.beforeAll("make room", async () => {
    await commands.executeCommand("workbench.action.closeAuxiliaryBar");
  });
  mocha.suite.afterEach("look at what failed, and close it", async function () {
    if (this.currentTest?.state === "failed") {
      console.log(JSON.stringify((await api()).server()));
      await screenshot(`failed-${this.currentTest.title.replace(/\W+/g, "-").slice(0, 60)}`);
    }
    await closeAll();
  });
  await new Promise<void>((done, failed) => {
    mocha.run((failures) => {
      if (failures > 0) failed(new Error(`${failures} failed`));
      else done();
    });
  });
}
