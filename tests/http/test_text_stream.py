"""The chunks of a stream add up to the text of the result, byte for byte, whatever the file's line ends."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given, target
from hypothesis import strategies as st

from fastapply.applier import Applier
from fastapply.backends.base import Outcome, Piece, Rewrite
from fastapply.http.text_stream import TextStream
from fastapply.types import ApplyRequest, ApplyResult, Delta, Stats

LINES = st.lists(st.sampled_from(["a = 1", "b = 2", "def f():", "    return 3", "", "# é 🎉 \u2028", "}"]), max_size=12)
ENDS = st.sampled_from(["\n", "\r\n", "\r", "mixed"])


class Typist:
    """A backend that writes one text, so many characters at a time."""

    def __init__(self, text: str, size: int) -> None:
        self._text = text
        self._size = size

    def rewrite(self, job: Rewrite) -> Iterator[Piece | Outcome]:
        for start in range(0, len(self._text), self._size):
            yield Piece(self._text[start : start + self._size], 1, 0, Stats())
        yield Outcome(True, None, Stats())


@st.composite
def files(draw: st.DrawFn) -> str:
    lines, end = draw(LINES), draw(ENDS)
    ends = [draw(st.sampled_from(["\n", "\r\n", "\r"])) if end == "mixed" else end for _ in lines]
    text = "".join(line + e for line, e in zip(lines, ends, strict=True))
    return draw(st.sampled_from(["", "\ufeff"])) + (text if draw(st.booleans()) else text.rstrip("\r\n"))


@given(files(), LINES, st.booleans(), st.integers(1, 30))
def test_all_chunks_together_are_the_text(original: str, written: list[str], final: bool, size: int) -> None:
    text = "\n".join(written) + ("\n" if final else "")
    applier = Applier(Typist(text, size), whole_file=True)
    update = (original.split("\n")[0].strip("\ufeff\r") or "x = 9") + "\n# ... existing code ...\n"
    stream, pieces = TextStream(original), []
    for step in applier.stream(ApplyRequest(original, update, path="a.py")):
        if isinstance(step, Delta):
            pieces.append(stream.push(step))
            continue
        assert isinstance(step, ApplyResult)
        pieces.append(stream.finish(step))
        assert "".join(pieces) == step.text
        target(float(len(pieces)))


def test_text_flows_before_the_end() -> None:
    original = "".join(f"line_{number} = {number}\r\n" for number in range(100))
    applier = Applier(Typist(original.replace("\r\n", "\n").replace("= 50", "= 51"), 40), whole_file=True)
    steps = applier.stream(ApplyRequest(original, "line_49 = 49\nline_50 = 51\nline_51 = 51\n", path="a.py"))
    stream = TextStream(original)
    pieces = [stream.push(step) for step in steps if isinstance(step, Delta)]
    assert sum(map(bool, pieces)) > 30
    assert "".join(pieces) == original.replace("= 50", "= 51")
