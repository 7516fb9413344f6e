"""A job as token ids, and the answer's tokens as text: shared by all backends that send tokens to a model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from fastapply.backends.base import Outcome, Piece, Rewrite
from fastapply.backends.unwrap import AnswerText
from fastapply.engine.drafts import Sources
from fastapply.errors import TooLongError
from fastapply.prompt import Codec, Special, StreamDecoder, Template

SLACK_TOKENS = 64  # how much longer than the longest candidate an output may get


class TokenJob(NamedTuple):
    """The prompt, the file, the update, each candidate as an output, and `limit`, the most tokens to write."""

    prompt: list[int]
    original: list[int]
    update: list[int]
    outputs: list[list[int]]
    limit: int

    @property
    def sources(self) -> Sources:
        return Sources(self.original, self.update, self.outputs[0])


@dataclass(frozen=True)
class JobCodec:
    """Encodes jobs for one model and template. `context`: the longest sequence, prompt and output, in tokens."""

    codec: Codec
    template: Template
    context: int

    def encode(self, job: Rewrite) -> TokenJob:
        """Raises TooLongError if the job does not fit the context."""
        prompt = self.codec.encode_parts(self.template.parts(job.request))
        outputs = [self.output(candidate.text) for candidate in job.candidates]
        return TokenJob(
            prompt=prompt,
            original=self.codec.encode(job.request.original),
            update=self.codec.encode(job.request.update),
            outputs=outputs,
            limit=self._limit(prompt, max(map(len, outputs))),
        )

    def output(self, text: str) -> list[int]:
        """A whole output as the model would write it: the text, the closing, and the stop token."""
        closing = self.template.closing
        if isinstance(closing, Special):
            return [*self.codec.encode(text), self.codec.special(closing.name)]
        return [*self.codec.encode(text + closing), self.codec.end]

    def sayable(
        self, job: Rewrite, rewrite: Callable[[Rewrite], Iterator[Piece | Outcome]]
    ) -> Iterator[Piece | Outcome]:
        """`rewrite` the job with other characters in place of those that the vocabulary lacks, and restore these in the
        output."""
        request = job.request
        texts = [request.original, request.update, request.instruction, *(c.text for c in job.candidates)]
        table = {ord(character): other for character, other in self.codec.substitutes(texts).items()}
        back = {ord(other): chr(character) for character, other in table.items()}
        for piece in rewrite(_translated(job, table)):
            yield piece._replace(text=piece.text.translate(back)) if isinstance(piece, Piece) else piece

    def _limit(self, prompt: list[int], expected: int) -> int:
        """The most tokens to write: the longest candidate and some slack, within the context. Raises TooLongError."""
        room = self.context - len(prompt)
        if expected > room:
            raise TooLongError(
                f"the file is too long for this model: {len(prompt)} tokens to read and {expected} to write, "
                f"and its context is {self.context}; use --model none (alignment alone) or a longer context"
            )
        return min(expected + SLACK_TOKENS, room)


class OutputText:
    """Turns output tokens into the text of the new file, without the closing. `closed`: the closing was found."""

    def __init__(self, jobs: JobCodec) -> None:
        closing = jobs.template.closing  # a special token never appears in the text
        self._cutter = AnswerText("", "" if isinstance(closing, Special) else closing)
        self._decoder = StreamDecoder(jobs.codec)

    def push(self, tokens: Sequence[int]) -> str:
        return self._cutter.push(self._decoder.push(tokens))

    def finish(self) -> str:
        return self._cutter.push(self._decoder.finish()) + self._cutter.finish()

    @property
    def closed(self) -> bool:
        return self._cutter.closed


def _translated(job: Rewrite, table: dict[int, str]) -> Rewrite:
    request = replace(
        job.request,
        original=job.request.original.translate(table),
        update=job.request.update.translate(table),
        instruction=job.request.instruction.translate(table),
    )
    candidates = tuple(replace(candidate, text=candidate.text.translate(table)) for candidate in job.candidates)
    return replace(job, request=request, candidates=candidates)
