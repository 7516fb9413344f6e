export class Clock {
  constructor(now = Date.now) {
    this.now = now;
  }

  seconds() {
    return this.now() / 1000;
  }
}
