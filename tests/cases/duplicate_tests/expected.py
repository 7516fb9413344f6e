import shop


def test_home():
    page = shop.load("home")
    assert page.ok
    assert page.title == "Home"
    assert len(page.links) == 3


def test_cart():
    page = shop.load("cart")
    assert page.ok
    assert page.title == "Cart"
    assert len(page.links) == 3


def test_help():
    page = shop.load("help")
    assert page.ok
    assert page.title == "Help"
    assert len(page.links) == 4


def test_about():
    page = shop.load("about")
    assert page.ok
    assert page.title == "About"
    assert len(page.links) == 3


def test_terms():
    page = shop.load("terms")
    assert page.ok
    assert page.title == "Terms"
    assert len(page.links) == 3
