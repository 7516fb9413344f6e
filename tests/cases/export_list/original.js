import { a } from "./a.js";
import { b } from "./b.js";

export const all = [
  a,
  b,
];

export default all;
