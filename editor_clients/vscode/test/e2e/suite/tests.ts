// All suites, in the order in which they run.
import { decisions } from "./decisions";

export function tests(): void {
  decisions();
}
