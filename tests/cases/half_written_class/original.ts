export class Draft {
  title = "";

  save() {
    return store.put(this.title);
  }

  publish() {
    if (this.title
  }
