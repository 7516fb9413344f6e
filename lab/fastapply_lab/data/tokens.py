"""Changes of single tokens: a literal, operator or name on one line, or a name in a region."""

from __future__ import annotations

import random
import re
from collections import Counter

from fastapply_lab.data import phrases
from fastapply_lab.data.units import Leaf, Parsed

_NUMBER = re.compile(r"\d+(\.\d+)?$")
_VERSION = re.compile(r"\d+(\.\d+)+")
_WORD = re.compile(r"[A-Za-z]{3,}")
_LITERAL = re.compile(r"string|number|integer|int_literal|decimal|float|scalar|plain_value|attribute_value|char")
_OPERATION = re.compile(
    r"binary|comparison|relational|boolean_op|augmented|assignment_exp|update|test_command|equality"
)
_NAME = re.compile(r"identifier$|^name$|variable_name$|^word$|^constant$")


def change_line(parsed: Parsed, row: int, rng: random.Random) -> tuple[str, str, str] | None:
    """Line `row` with one token changed, as (new line, old token, new token), or None."""
    leaves = [leaf for leaf in parsed.leaves if leaf.row == row]
    rng.shuffle(leaves)
    for leaf in leaves:
        made = _changed(leaf, parsed, rng)
        if made is not None and made != leaf.text:
            line = parsed.lines[row]
            return line[: leaf.start] + made + line[leaf.end :], leaf.text, made
    return None


def _changed(leaf: Leaf, parsed: Parsed, rng: random.Random) -> str | None:
    text = leaf.text
    if text in phrases.OPERATORS:
        return phrases.OPERATORS[text] if text[0].isalpha() or _OPERATION.search(leaf.parent) else None
    if _NUMBER.match(text):
        return _other_number(text, rng)
    if _LITERAL.search(leaf.type) or (leaf.type == "word" and parsed.language == "bash"):
        return _other_words(text, rng)
    if _NAME.search(leaf.type) and len(text) > 2 and rng.random() < 0.5:
        same = sorted({other.text for other in parsed.leaves if other.type == leaf.type and len(other.text) > 2})
        if len(same) > 3 and rng.random() < 0.5:
            return rng.choice(same)
        return fresh_name(text, parsed, rng)
    return None


def _other_number(text: str, rng: random.Random) -> str:
    if "." in text:
        return f"{float(text) * rng.choice((0.5, 2, 10)):g}" if float(text) else "0.5"
    value = int(text)
    choices = [value + 1, value * 2, value + 10, max(value - 1, 0), 0, 100]
    return str(rng.choice([number for number in choices if number != value]))


def _other_words(text: str, rng: random.Random) -> str | None:
    version = _VERSION.search(text)
    if version:
        parts = version.group().split(".")
        at = rng.randrange(len(parts))
        parts[at] = str(int(parts[at]) + rng.randint(1, 3))
        return text[: version.start()] + ".".join(parts) + text[version.end() :]
    number = re.search(r"\d+", text)
    if number and rng.random() < 0.6:
        return text[: number.start()] + _other_number(number.group(), rng) + text[number.end() :]
    words = list(_WORD.finditer(text))
    if not words or len(text) > 90:
        return None
    word = rng.choice(words)
    new = rng.choice(phrases.WORDS)
    if rng.random() < 0.3:
        return text[: word.start()] + f"{new}-" + text[word.start() :]
    return text[: word.start()] + (new.capitalize() if word.group()[0].isupper() else new) + text[word.end() :]


def local_names(parsed: Parsed, start: int, end: int) -> list[str]:
    """Names on two to seven lines of [start, end), which are worth renaming there."""
    rows: dict[str, set[int]] = {}
    for leaf in parsed.leaves:
        if start <= leaf.row < end and _NAME.search(leaf.type) and leaf.text.isidentifier() and len(leaf.text) > 1:
            rows.setdefault(leaf.text, set()).add(leaf.row)
    shared = Counter(leaf.text for leaf in parsed.leaves if leaf.type == "type_identifier")
    banned = {"self", "this", "cls", "super", "True", "False", "None", "echo", "local", "return", "std", "string"}
    return sorted(
        name for name, where in rows.items() if 2 <= len(where) <= 7 and name not in banned and not shared[name]
    )


def fresh_name(name: str, parsed: Parsed, rng: random.Random) -> str:
    """A name in the style of the old one that the text does not use yet."""
    taken = {leaf.text for leaf in parsed.leaves}
    for _ in range(8):
        made = _styled(name, rng.choice(phrases.WORDS), rng)
        if made not in taken:
            return made
    return name + "2"


def _styled(name: str, word: str, rng: random.Random) -> str:
    sigil = name[: len(name) - len(name.lstrip("$@_"))]
    bare = name[len(sigil) :]
    if not bare or not bare[0].isalpha():
        return name + "2"
    if bare.isupper() and len(bare) > 1:
        return f"{sigil}{word.upper()}_{bare}" if rng.random() < 0.5 else f"{sigil}{bare}_{word.upper()}"
    if "_" in bare or (bare.islower() and rng.random() < 0.5):
        return f"{sigil}{word}_{bare}" if rng.random() < 0.5 else f"{sigil}{bare}_{word}"
    if bare[0].isupper():
        return sigil + (word.capitalize() + bare if rng.random() < 0.5 else bare + word.capitalize())
    return sigil + (word + bare[0].upper() + bare[1:] if rng.random() < 0.6 else bare + word.capitalize())


def rename_lines(parsed: Parsed, start: int, end: int, name: str, new: str) -> list[tuple[int, str]]:
    """Lines of [start, end) with every token `name` replaced, as (row, line)."""
    spots: dict[int, list[Leaf]] = {}
    for leaf in parsed.leaves:
        if start <= leaf.row < end and leaf.text == name:
            spots.setdefault(leaf.row, []).append(leaf)
    result = []
    for row, leaves in sorted(spots.items()):
        line = parsed.lines[row]
        for leaf in sorted(leaves, key=lambda leaf: leaf.start, reverse=True):
            line = line[: leaf.start] + new + line[leaf.end :]
        result.append((row, line))
    return result
