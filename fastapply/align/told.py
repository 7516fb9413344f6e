"""What an instruction names: the units it mentions, and the places where it wants something inserted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property, lru_cache

from fastapply.align.chunks import Chunk
from fastapply.align.field import Field
from fastapply.text.asked import pieces, told_places, told_removals, told_renames

_NAMED = 0.3  # at most three units may share the word that names one
_MOST_NAMED = 3
_ENTRY = 12  # lines of an entry of a list that is told by one of them
_NAME = re.compile(r"[A-Za-z_]\w*")
_IDENTITY = re.compile(
    r"""(["'`])(?P<string>(?:(?!\1).)+)\1|^- \w+:\s*(?P<entry>.+)|^case\s+(?P<case>[^:]+)|<\w+>(?P<text>[^<>]+)</"""
    r"""|^\|\s*(?P<cell>[^|]*\w[^|]*?)\s*\|"""
)
_SAID = ("string", "entry", "case", "text", "cell")
_QUOTED_KEY = re.compile(r"""(?:[{(\[]\s*)?["'][\w.$/-]+["']\s*(?::|=>)\s*(?=\S)""")
_NUMBER = re.compile(r"""(?:[{(\[]\s*)?["']?(?:(?:\w+_)?id|\w*I[dD])["']?\s*(?::|=>|=)\s*(?P<number>\d+)""")


class Told:
    """What one instruction names, looked up in one file."""

    def __init__(self, field: Field, instruction: str) -> None:
        self.field = field
        self.instruction = instruction

    @cached_property
    def named_columns(self) -> set[int]:
        """The columns of the definitions that the instruction names."""
        words = set(_NAME.findall(self.instruction))
        named = [chunk for chunk in self.field.outline.definitions if chunk.name.split(" ")[0] in words]
        homes = {chunk.index for chunk in named if chunk.kind == "type"}
        inside = [chunk for chunk in named if not homes.isdisjoint(outer.index for outer in list(chunk.chain())[1:])]
        if inside:  # `Bale.stack` names that method, not the rest of the class
            names = {chunk.name for chunk in inside}
            others = [chunk for chunk in named if chunk.name not in names and chunk.index not in homes]
            named = [*inside, *others]
        return {c for chunk in named for c in self.field.columns(chunk)}

    @cached_property
    def boundaries(self) -> list[int]:
        """The boundaries at which the instruction wants something inserted."""
        found = (
            (after, outer)
            for after, named in told_places(self.instruction)
            for unit in self._place(named)
            for outer in self._with_entry(unit)
        )
        return list(dict.fromkeys(unit.stop if after else unit.start for after, unit in found))

    def _place(self, named: str) -> list[range]:
        """What may be meant by the words behind "after": the definition whose name comes first, or what has most of the
        words."""
        first, words = _NAME.match(named.lstrip("`'\"")), pieces(named)
        definitions = [c for c in self.field.outline.definitions if first is not None and c.name == first[0]]
        return (
            [self.field.columns(chunk) for chunk in definitions][:_MOST_NAMED]
            or self._named_definitions.exactly(words)
            or self._named.meant(words)
            or self._named_definitions.meant(words)
        )

    def _with_entry(self, unit: range) -> list[range]:
        """A unit and, if it is a line of a short block without a name, that block: an entry told by what it holds."""
        chunk = self.field.outline.chunk_of[self.field.solid[unit.start]]
        entry = self.field.columns(chunk)
        inside = chunk.kind == "block" and unit.start > entry.start and len(unit) < len(entry) <= _ENTRY
        return [unit, entry] if inside else [unit]

    @cached_property
    def removed(self) -> list[list[range]]:
        """What the instruction may want removed: the columns of units or lines, or those of definitions alone."""
        wanted = told_removals(self.instruction)
        pools = (self._named, self._named_definitions) if wanted else ()
        found = ((unit for words in wanted for unit in self._named_in(pool, words)) for pool in pools)
        return [units for units in (list(dict.fromkeys(each)) for each in found) if units]

    def _named_in(self, pool: _Named, words: frozenset[str]) -> list[range]:
        """The units that the words mean, unless they name a definition exactly that is not among these."""
        meant, exactly = pool.meant(words), self._named_definitions.exactly(words)
        return exactly if set(exactly).isdisjoint(meant) and exactly else meant

    @cached_property
    def renamed(self) -> dict[str, str]:
        """The file's definitions that the instruction wants renamed, by their names, and the new names."""
        return {old: new for old, new in told_renames(self.instruction) if old in self.field.names}

    @cached_property
    def _named(self) -> _Named:
        """Each unit, and each line that is no header of one."""
        heads = {self.field.columns(chunk).start: chunk for chunk in reversed(self.field.outline.chunks[1:])}
        lines = [range(c, c + 1) for c in range(len(self.field)) if self.field.weights[c] > 0 and c not in heads]
        headers = {chunk.start: self.field.column_of.get(chunk.header, at) for at, chunk in heads.items()}
        units = [*lines, *(self.field.columns(chunk) for chunk in heads.values())]
        return _Named(units, [self.field.text[headers.get(self.field.solid[u.start], u.start)] for u in units])

    @cached_property
    def _named_definitions(self) -> _Named:
        chunks = self.field.outline.definitions
        return _Named([self.field.columns(chunk) for chunk in chunks], [chunk.name for chunk in chunks])

    @cached_property
    def named_units(self) -> list[Chunk]:
        return [chunk for chunk in self.field.outline.chunks[1:] if self._names(chunk)]

    def _names(self, theirs: Chunk) -> bool:
        """Does the instruction name the unit or the string that identifies it?"""
        if not self.instruction:
            return False
        if theirs.name and theirs.is_definition and re.search(rf"\b{re.escape(theirs.name)}\b", self.instruction):
            return True
        heads = self.field.outline.stripped[theirs.header : theirs.header + 4]
        return any(len(said := identity(text)) > 3 and said in self.instruction for text in heads)


class _Named:
    """Ranges of columns with what names each, in pieces of words."""

    def __init__(self, units: list[range], names: Sequence[str]) -> None:
        self._units = units
        self._names = [pieces(name) for name in names]
        self._times = Counter(word for words in self._names for word in words)

    def exactly(self, words: frozenset[str]) -> list[range]:
        """The units whose names of several words are among the words, those with the longest names."""
        found = [(len(name), unit) for name, unit in zip(self._names, self._units, strict=True) if name <= words]
        most = max((length for length, _ in found), default=0)
        return [unit for length, unit in found if length == most > 1][:_MOST_NAMED]

    def meant(self, words: frozenset[str]) -> list[range]:
        """The units that best match the words, with the fewest other words. None if they share only common words."""
        scores = [sum(1 / self._times[word] for word in words & named) for named in self._names]
        best = max(scores, default=0.0)
        if best < _NAMED:
            return []
        found = [k for k, score in enumerate(scores) if score > best - 0.01]
        others = {k: len(self._names[k] - words) for k in found}
        return [self._units[k] for k in found if others[k] == min(others.values())][:_MOST_NAMED]


@lru_cache(maxsize=1 << 12)
def identity(text: str) -> str:
    """The text that distinguishes an entry, test, route or case from its siblings. "" if there is none."""
    if numbered := _NUMBER.match(text):
        return numbered["number"]
    key = _QUOTED_KEY.match(text)  # `"name": "Alan"` is told by its value
    found = (key and _IDENTITY.search(text, key.end())) or _IDENTITY.search(text)
    return next(said for said in found.group(*_SAID) if said).strip() if found else ""
