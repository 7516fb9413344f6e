"""The values that pass between the layers: immutable, without behaviour, the same in the Python API, JSON and LSP.

Lines are counted from 0 and line ranges are half-open, as in the language server protocol.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple


class Status(StrEnum):
    """The outcome of a request, from best to worst."""

    APPLIED = "applied"
    NEEDS_REVIEW = "needs_review"
    REJECTED = "rejected"


def worst(statuses: Iterable[Status]) -> Status:
    return max(statuses, key=list(Status).index)


@dataclass(frozen=True, slots=True)
class ApplyRequest:
    """One file and one suggested edit.

    `original` and `update` are text as read, with any newline style and BOM. `language` is a tree-sitter name
    ("python", "tsx"); None means to detect it from `path` or else from the text. `reading`: 1 is the likeliest reading;
    2, 3, ... are those that a doubtful result lists as its `alternatives`. Requesting one of these needs no model.
    """

    original: str
    update: str
    instruction: str = ""
    path: str | None = None
    language: str | None = None
    id: str | None = None
    reading: int = 1


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the original's lines [start_line, end_line) are removed: one of the ledger's reasons, and a sentence."""

    start_line: int
    end_line: int
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Hunk:
    """Replace the original's lines [start_line, end_line) by `new_text` (whole lines, or empty to delete).

    All hunks of a result refer to the *original*. They ascend and do not overlap, so they can be applied from the last
    to the first. `reasons` say why lines are removed; they do not count when hunks are compared.
    """

    start_line: int
    end_line: int
    new_text: str
    reasons: tuple[Reason, ...] = field(default=(), compare=False)

    def to_json(self) -> dict[str, Any]:
        """The hunk as JSON, with `reasons` only if there are any."""
        data = {"start_line": self.start_line, "end_line": self.end_line, "new_text": self.new_text}
        return {**data, "reasons": [asdict(reason) for reason in self.reasons]} if self.reasons else data


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another reading of the update, as hunks of the original. `share`: its share of the alignment's probability, 0..1.

    `number`: the `reading` of a request for it. `diff`: a unified diff from the result's text to it.
    """

    hunks: tuple[Hunk, ...]
    share: float
    number: int = 2
    diff: str = ""

    def summary(self) -> dict[str, Any]:
        """The reading as JSON, without its hunks."""
        return {"number": self.number, "share": self.share, "diff": self.diff}


@dataclass(frozen=True, slots=True)
class Check:
    """One named test of a result. `detail` is a sentence for a person."""

    name: str
    ok: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Stats:
    """The cost of a request. Tokens are those of the model's vocabulary; seconds are wall-clock.

    `cached_tokens` counts prompt tokens that came from the prefix cache.
    """

    prompt_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    forward_passes: int = 0
    drafted_tokens: int = 0
    accepted_tokens: int = 0
    prefill_seconds: float = 0.0
    decode_seconds: float = 0.0
    seconds: float = 0.0


class Delta(NamedTuple):
    """What one step added: text as the model writes it (LF), and the hunks of the original that it settled.

    All hunks of a stream together give the text of its result, except for line ends in a file that mixes them.
    """

    text: str
    hunks: tuple[Hunk, ...]
    lines_done: int  # settled lines of the original, for a progress bar
    tokens: int
    drafted: int
    stats: Stats
    drafted_characters: int = 0  # how many characters at the start of `text` were drafted


@dataclass(frozen=True, slots=True)
class ApplyResult:
    """The whole rewritten file, how it differs from the original, and how far it can be trusted.

    `confidence` is the estimated probability, 0..1, that `text` is what the author of the update meant. A result that
    needs review has `alternatives` if there are likely ones.
    """

    status: Status
    text: str
    confidence: float
    hunks: tuple[Hunk, ...] = ()
    checks: tuple[Check, ...] = ()
    stats: Stats = field(default_factory=Stats)
    id: str | None = None
    alternatives: tuple[Alternative, ...] = ()

    @classmethod
    def rejected(cls, original: str, why: str, id: str | None = None, check: str = "fits") -> ApplyResult:
        """The result of an edit that cannot be applied: the unchanged file."""
        return cls(Status.REJECTED, original, 0.0, checks=(Check(check, False, why),), id=id)

    @property
    def failed(self) -> list[Check]:
        return [check for check in self.checks if not check.ok]

    def to_json(self) -> dict[str, Any]:
        """The result as JSON, with `id` and `alternatives` only if there are any."""
        data = asdict(self)
        data["status"] = self.status.value
        data["hunks"] = [hunk.to_json() for hunk in self.hunks]
        data["checks"] = [asdict(check) for check in self.checks]
        data["alternatives"] = [
            {**asdict(other), "hunks": [hunk.to_json() for hunk in other.hunks]} for other in self.alternatives
        ]
        if not self.alternatives:
            del data["alternatives"]
        identity = data.pop("id")
        return data if identity is None else {"id": identity, **data}
