// All suites, in the order in which they run.
import { changes } from "./changes";
import { decisions } from "./decisions";
import { documents } from "./documents";
import { life } from "./life";
import { model } from "./model";
import { pictures } from "./pictures";
import { ways } from "./ways";

export function tests(): void {
  decisions();
  pictures();
  documents();
  changes();
  ways();
  life();
  model();
}
