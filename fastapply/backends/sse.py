"""Parse server-sent events from a stream of byte chunks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

MOST_LINE = 32 * 1024 * 1024  # bytes; a server that sends more without a newline is broken


def event_data(chunks: Iterable[bytes]) -> Iterator[str]:
    """The `data` of each event. Lines end at LF or CRLF only: U+2028 and the like are content.

    Raises:
        ValueError: a line is too long or is not UTF-8.
    """
    data: list[str] = []
    for line in _lines(chunks):
        if not line:
            if data:
                yield "\n".join(data)
            data = []
        elif line.startswith(b"data:"):
            data.append(line[5:].removeprefix(b" ").decode())
    if data:  # some servers leave out the last blank line
        yield "\n".join(data)


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    held: list[bytes] = []
    size = 0
    for chunk in chunks:
        *ended, rest = chunk.split(b"\n")
        for line in ended:
            yield b"".join([*held, line]).removesuffix(b"\r")
            held, size = [], 0
        held.append(rest)
        size += len(rest)
        if size > MOST_LINE:
            raise ValueError("an endless line")
    if any(held):
        yield b"".join(held).removesuffix(b"\r")
