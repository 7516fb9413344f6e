"""Parse chat messages with tags around code and update, as Morph, Relace, kortix, aiXapply and our own `chat` send.

The same tags may also occur inside the code or in prose before it, so the outermost tags count. The code starts at a
tag that starts a line or follows another tag. The update ends at its last closing tag. If code and update could be
separated at several places, the last one with balanced tags on both sides wins, else the last one. Every step takes
linear time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from fastapply.errors import UsageError

_UPDATE_TAG = {"code": "update", "source_file": "update_snippet", "file": "update"}
_REPLY_TAG = {"source_file": "update_file", "file": "file"}
_CODE = "|".join(_UPDATE_TAG)
_OPENING = re.compile(rf"(?:^|(?<=[\n>]))[ \t]*<({_CODE})>")
_INSTRUCTION = re.compile(r"(?:^|(?<=\n))[ \t]*<(instructions?)>")
_LANGUAGE = re.compile(r"<language>([^<\n]*)</language>\s*$")
_KORTIX_REPLY = "updated-code"


class Tagged(NamedTuple):
    """A request, exactly as between the tags. `reply_tag`: the tag that the client wants around the answer."""

    original: str
    update: str
    instruction: str = ""
    language: str | None = None
    reply_tag: str | None = None


class _Opening(NamedTuple):
    start: int  # where the request starts, with its instruction
    code: int  # where the code starts
    tag: str
    instruction: str


def parse_tags(message: str) -> Tagged | None:
    """The request in `message`, or None if it has no opening code tag.

    Raises:
        UsageError: the tags between code and update, or the tag that closes the update, are missing.
    """
    opening = _find_opening(message)
    if opening is None:
        return None
    tag, update_tag = opening.tag, _UPDATE_TAG[opening.tag]
    end = message.rfind(f"</{update_tag}>", opening.code)
    if end < 0:
        raise UsageError(f"the message has no </{update_tag}>: send <{tag}>...</{tag}> and <{update_tag}>...")
    inner = message[opening.code : end]
    parting = _find_parting(inner, tag, update_tag)
    if parting is None:
        raise UsageError(f"nothing separates code and update: send <{tag}>...</{tag}> and then <{update_tag}>...")
    language = _LANGUAGE.search(message, 0, message.rfind("<", 0, opening.code))
    around = message[: opening.start] + message[end:]
    return Tagged(
        original=inner[: parting.start()],
        update=inner[parting.end() :],
        instruction=opening.instruction,
        language=language[1].strip() if language else None,
        reply_tag=_REPLY_TAG.get(tag) or reply_tag(around),
    )


def parse_update_tag(message: str) -> str:
    """The text in the outermost update tags of a message without code, or else the whole message."""
    start, end = message.find("<update>"), message.rfind("</update>")
    return message[start + len("<update>") : end] if 0 <= start < end else message


def reply_tag(prose: str) -> str | None:
    """The tag that a prompt asks for around the answer."""
    return _KORTIX_REPLY if f"<{_KORTIX_REPLY}>" in prose else None


def _find_opening(message: str) -> _Opening | None:
    plain = _OPENING.search(message)
    head = _INSTRUCTION.search(message)
    if head and (plain is None or head.start() < plain.start()):
        closing = re.compile(rf"</{head[1]}>\s*<({_CODE})>").search(message, head.end())
        if closing:
            return _Opening(head.start(), closing.end(), closing[1], message[head.end() : closing.start()])
    return _Opening(plain.start(), plain.end(), plain[1], "") if plain else None


def _find_parting(inner: str, tag: str, update_tag: str) -> re.Match[str] | None:
    """The tags that separate code and update."""
    between = r"\s*The update:\s*" if tag == "file" else r"\s*"
    found = list(re.finditer(f"</{tag}>{between}<{update_tag}>", inner))
    if len(found) < 2:
        return found[0] if found else None
    before = _depths(inner, tag, update_tag, [match.start() for match in found])
    after = _depths(inner, tag, update_tag, [match.end() for match in found])
    whole = _depths(inner, tag, update_tag, [len(inner)])[0]
    balanced = [
        match for match, left, right in zip(found, before, after, strict=True) if left == (0, 0) and right == whole
    ]
    return (balanced or found)[-1]


def _depths(text: str, tag: str, update_tag: str, places: Sequence[int]) -> list[tuple[int, int]]:
    """How many code tags and how many update tags are open at each of the ascending `places`."""
    depths: list[tuple[int, int]] = []
    open_tags = {tag: 0, update_tag: 0}
    tags = re.finditer(rf"<(/?)({tag}|{update_tag})>", text)
    current = next(tags, None)
    for place in places:
        while current is not None and current.start() < place:
            open_tags[current[2]] += -1 if current[1] else 1
            current = next(tags, None)
        depths.append((open_tags[tag], open_tags[update_tag]))
    return depths
