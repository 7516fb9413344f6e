"""Make a set of tasks with a given mix of languages from files of many sources.

A pool keeps pieces of real code by language, without near-duplicates and with a ceiling for each source, so that no big
repository dominates its language.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from fastapply_lab.data.cutouts import pieces
from fastapply_lab.data.duplicates import Seen
from fastapply_lab.data.sources import CorpusFile, Dropped
from fastapply_lab.data.tasks import make_task
from fastapply_lab.tasks import Task

# The weight of each language in the training set. Languages without code in the pool are left out.
LANGUAGE_WEIGHTS: Mapping[str, float] = {
    "python": 20, "javascript": 9, "typescript": 10, "tsx": 6, "go": 6, "rust": 6, "java": 5, "c": 4, "cpp": 4,
    "csharp": 4, "ruby": 4, "php": 4, "css": 3, "html": 3, "json": 3, "yaml": 3, "toml": 1, "markdown": 3, "bash": 2,
    "scss": 1, "kotlin": 1, "swift": 1, "scala": 1, "dart": 1, "lua": 1, "elixir": 1, "sql": 1, "vue": 1, "svelte": 1,
    "haskell": 0.5, "ocaml": 0.5, "perl": 0.5, "r": 0.5, "julia": 0.5, "zig": 0.5, "xml": 0.5, "hcl": 0.5, "proto": 0.5,
    "graphql": 0.5, "cmake": 0.5, "make": 0.5, "ini": 0.5, "objc": 0.5, "groovy": 0.5, "powershell": 0.5,
    "erlang": 0.5, "clojure": 0.5, "dockerfile": 0.5, "gomod": 0.2,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CodePiece:
    """A short piece of real code."""

    source: str
    path: str
    text: str


@dataclass(slots=True)
class Pool:
    """Pieces by language. `most_lines` limits a piece, `ceiling` the pieces of one source in one language."""

    most_lines: int
    ceiling: int
    least_lines: int = 6
    by_language: dict[str, list[CodePiece]] = field(default_factory=lambda: defaultdict(list))

    def fill(
        self, files: Iterable[CorpusFile], rng: random.Random, seen: Seen | None = None, dropped: Dropped | None = None
    ) -> None:
        """Add the pieces of the files that are not near-duplicates of those in `seen`. Mutates `seen` and `dropped`."""
        seen, count = Seen() if seen is None else seen, Counter[tuple[str, str]]()
        dropped = Dropped() if dropped is None else dropped
        shuffled = list(files)
        rng.shuffle(shuffled)  # the ceiling must not favour the first folders of the alphabet
        for file in shuffled:
            key = (file.source, file.language)
            if count[key] >= self.ceiling:
                dropped["file of a source that has enough"] += 1
                continue
            most = 12 if self.most_lines < 100 else 3
            found = pieces(file.text, file.language, self.most_lines, rng, least_lines=self.least_lines, most=most)
            if not found:
                dropped["file that does not parse, or is too short"] += 1
            for text in found:
                if text.count("\n") < 12 and rng.random() >= 0.3:
                    dropped["short piece, of which few stay"] += 1
                elif not seen.add(text):
                    dropped["piece like one before"] += 1
                else:
                    count[key] += 1
                    self.by_language[file.language].append(CodePiece(file.source, file.path, text))


def draw_tasks(
    pool: Pool, count: int, rng: random.Random, *, prefix: str, weights: Mapping[str, float] = LANGUAGE_WEIGHTS
) -> Iterator[Task]:
    """`count` tasks in the mix of languages, using pieces about equally often. Ends early if the pool gives too few."""
    known = sorted(language for language in pool.by_language if weights.get(language))
    shares = [weights[language] for language in known]
    queues: dict[str, list[CodePiece]] = {}
    made = misses = 0
    while known and made < count and misses < 60 * count + 1000:
        language = rng.choices(known, shares)[0]
        queue = queues.get(language)
        if not queue:
            queue = queues[language] = rng.sample(pool.by_language[language], len(pool.by_language[language]))
        piece = queue.pop()
        identity = f"{prefix}-{made:06d}"
        task = make_task(piece.text, language, rng, identity=identity, path=f"{piece.source}/{piece.path}")
        if task is None or max(task.original.count("\n"), task.expected.count("\n")) > pool.most_lines:
            misses += 1
            continue
        made += 1
        yield task
