class Routes {
  home(request) {
    const page = this.pages.home;
    return page.render(request);
  }

  cart(request) {
    const page = this.pages.cart;
    return page.render(request);
  }

  help(request) {
    const page = this.pages.help;
    return page.render(request);
  }
}

module.exports = { Routes };
