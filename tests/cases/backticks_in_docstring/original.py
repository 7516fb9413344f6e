"""Reads fenced blocks out of notes.

Example:

```python
blocks = read("notes.md")
print(blocks[0])
```
"""

import re

FENCE = "```"


def read(path):
    with open(path) as file:
        return split(file.read())


def split(text):
    """Everything between ``` and ```."""
    return re.findall(FENCE + "(.*?)" + FENCE, text, re.S)


def count(text):
    return len(split(text))
