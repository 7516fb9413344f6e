SAMPLE = """
<<<<<<< SEARCH
old
=======
new
>>>>>>> REPLACE
"""


def blocks(text):
    return text.count("<<<<<<< SEARCH")


def test_blocks():
    assert blocks(SAMPLE) == 1
