// Positions of the protocol as VS Code's own: both count UTF-16 units.
import { Position } from "vscode";
import type { Point } from "./hunks";

export function native({ line, character }: Point): Position {
  return new Position(line, character);
}
