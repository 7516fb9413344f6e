class A {
  one() {
    const a = x();
    return a;
  }

  two() {
    const b = x();
    return b;
  }

  three() {
    const c = x();
    return c;
  }
}

function f() {
  return 1;
}

function g() {
  return 2;
}
