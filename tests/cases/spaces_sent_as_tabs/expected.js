export class Clock {
  constructor(now = Date.now) {
    this.now = now;
  }

  seconds() {
    if (!this.now) {
      return 0;
    }
    return this.now() / 1000;
  }
}
