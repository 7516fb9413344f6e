export class Settings {
  constructor(values) {
    this.values = values;
  }

  get(key) {
    return this.values[key];
  }

  set(key, value) {
    this.values[key] = value;
  }
}
