import a from "a";
import b from "b";

const one = a(1);

function two() {
  return b(22);
}

export { one, two };
