export class Settings {
  constructor(values) {
    this.values = values;
  }

  get(key) {
    return this.values[key];
  }

  /** Deprecated: use get. */
  fetch(key) {
    return this.get(key);
  }

  set(key, value) {
    this.values[key] = value;
  }
}
