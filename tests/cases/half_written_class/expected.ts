export class Draft {
  title = "";

  save() {
    return store.put(this.title.trim());
  }

  publish() {
    if (this.title
  }
