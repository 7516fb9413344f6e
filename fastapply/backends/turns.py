"""A template's prompt as chat turns, for servers and for models whose markup is not ChatML."""

from __future__ import annotations

from collections.abc import Iterator

from fastapply.errors import UsageError
from fastapply.prompt import Part, Special, Template
from fastapply.types import ApplyRequest

_START, _END = "<|im_start|>", "<|im_end|>"


def messages_of(asked: Template, request: ApplyRequest) -> tuple[list[dict[str, str]], str]:
    """The messages of a template's chat, and the text that opens the answer. Raises UsageError if it is not a chat."""
    parts = asked.parts(request)
    if not parts or parts[0] != Special(_START):
        raise UsageError(f"the template `{asked.name}` is not a chat: this model needs another --template")
    turns = [_turn(turn) for turn in _split(parts)]
    opening = turns.pop()["content"] if turns[-1]["role"] == "assistant" else ""
    return turns, opening


def _split(parts: list[Part]) -> Iterator[str]:
    """The text of each turn."""
    turn: list[str] = []
    for part in parts:
        if part == Special(_START):
            turn = []
        elif part == Special(_END):
            yield "".join(turn)
            turn = []
        else:
            assert isinstance(part, str), part
            turn.append(part)
    if turn:
        yield "".join(turn)


def _turn(text: str) -> dict[str, str]:
    role, _, content = text.partition("\n")
    return {"role": role, "content": content}
