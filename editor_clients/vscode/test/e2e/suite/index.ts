// The entry that VS Code calls in its extension host.
import Mocha from "mocha";
import { tests } from "./tests";

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: "bdd", timeout: 60_000, slow: 20_000, color: false, bail: process.env["E2E_BAIL"] === "1" });
  const grep = process.env["E2E_GREP"];
  if (grep !== undefined) mocha.grep(new RegExp(grep));
  mocha.suite.emit("pre-require", globalThis, "tests", mocha);
  tests();
  await new Promise<void>((done, failed) => {
    mocha.run((failures) => {
      if (failures > 0) failed(new Error(`${failures} failed`));
      else done();
    });
  });
}
