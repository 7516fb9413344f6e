SAMPLE = """
<<<<<<< SEARCH
old
=======
new
>>>>>>> REPLACE
"""


def blocks(text):
    return sum(line == "<<<<<<< SEARCH" for line in text.splitlines())


def test_blocks():
    assert blocks(SAMPLE) == 1
