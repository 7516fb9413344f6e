"""The features of a candidate's finished text beside the original and the update: named numbers, 0 if nothing is odd.

`align.region_counts` and `align.gap_counts` have the features of how a candidate is made.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise, takewhile
from math import log1p

from fastapply.align.chunks import file_outline
from fastapply.align.depths import Depths
from fastapply.align.languages import new_errors
from fastapply.align.renames import Renamed, renames
from fastapply.align.rows import read_snippet
from fastapply.align.told import identity
from fastapply.judge.beside import COMMENT, Beside
from fastapply.judge.ledger import account
from fastapply.judge.scopes import Scopes, name_set
from fastapply.judge.sides import PLAIN_STRING
from fastapply.judge.twins import ALIKE, looks
from fastapply.text.asked import code_words, only_adds, pieces, removes, reshapes, told_removals, words_in
from fastapply.text.comments import is_comment_in
from fastapply.text.diff import lf_lines, line_hunks, windows
from fastapply.text.echoes import Echoes, Pairs, pairs
from fastapply.types import Hunk

_WORD = re.compile(r"[A-Za-z_]\w+")
# A statement that leaves its block, followed at the same depth by a statement that can never run.
_LEAVES = re.compile(r"([ \t]+)(?:return|raise|throw|break|continue|goto)\b")
_GUARDED = r".*\b(?:if|unless)\b(?!.*\belse\b).*|"  # `return x if y`
_ENDS_OPEN = r".*[,({\[\\|&?:+=.]"
_BELOW = (
    r".*\n(?:[ \t]*\n)*"
    r"\1(?![\s)\]}>.?:&|+*#@]|//|/\*|--|\w+:"
    r"|(?:end|fi|done|esac|el\w+|except|finally|catch|rescue|ensure|case|default|when)\b)"
)
_UNREACHABLE = re.compile(rf"^{_LEAVES.pattern}(?!(?:{_ENDS_OPEN})$){_BELOW}", re.MULTILINE)
_UNREACHABLE_UNGUARDED = re.compile(rf"^{_LEAVES.pattern}(?!(?:{_GUARDED}{_ENDS_OPEN})$){_BELOW}", re.MULTILINE)
_WITH_GUARDS = frozenset({"ruby", "perl", None})  # a condition may follow a statement
_DIRECTIVE = re.compile(r"#\s*(?P<ends>end)?(?:if(?:n?def)?|region)\b")
_MARKUP = frozenset({"html", "xml", "vue", "svelte"})
_TAG = re.compile(  # elements that need no closing tag are none here
    r"<(?P<closes>/)?(?!(?:area|br|col|dd|dt|hr|img|input|li|link|meta|option|p|source|td|th|tr|wbr)\b)"
    r"[a-zA-Z][\w.:-]*(?:\s[^<>]*)?(?<!/)>"
)
_RARE = 2  # times that a word stands in the file
_BRACKETS = (("(", ")"), ("[", "]"), ("{", "}"))


class Features:
    """The features of the candidates of one update."""

    def __init__(self, original: str, update: str, instruction: str, language: str | None) -> None:
        self.original = original
        self.update = update
        self.instruction = instruction
        self.language = language
        self.lines = lf_lines(original)
        self.outline = file_outline(original.removesuffix("\n"), language)
        rows, self.snippet = read_snippet(update, language, self.outline)
        self._depths = Depths(self.snippet, rows)
        self._scopes = Scopes(self.outline)
        self._removals = told_removals(instruction)
        self._reshapes = reshapes(instruction)
        self._markers = {row.line for row in rows if row.kind not in ("code", "edge")}

    def of(self, text: str) -> dict[str, float]:
        """The features of one candidate, an LF text."""
        hunks = line_hunks(self.original, text)
        gone = [line.strip() for hunk in hunks for line in self.lines[hunk.start_line : hunk.end_line]]
        come = [line.strip() for hunk in hunks for line in lf_lines(hunk.new_text)]
        changed = list(windows(self.lines, hunks, _is_edge))
        moved: Pairs = Counter()  # pairs of consecutive lines: added (positive) or removed (negative)
        for before, after in changed:
            moved.update(pairs(after))
            moved.subtract(pairs(before))
        counts = self._echoes.of(gone, come, moved)
        counts["vanished"] *= only_adds(self.instruction)
        found = {f"lines_{name}": log1p(count) for name, count in counts.items()}
        found["unchanged"] = float(text == self.original)
        found["hunks"] = log1p(sum(map(self._says, hunks)))
        found["errors"] = log1p(max(new_errors(text, self.original, self.language), 0))
        found["unbalanced"] = log1p(_imbalance(come, gone, directives=not is_comment_in("#", self.language)))
        found["untagged"] = log1p(abs(self._tags_opened(come) - self._tags_opened(gone)))
        found["parted"] = log1p(self._parted(moved))
        found["above_imports"] = float(any(map(self._defines_above_imports, hunks)))
        found["kept_reshaped"] = float(self._reshapes and not any(gone))
        found["missed"] = log1p(len(self._named - words_in([*gone, *come])))
        lost = account(self.original, text, self.update, self.language, self.instruction).lost
        found["lost"] = log1p(sum(end - start for start, end in lost))
        words = _Recount(self._word_counts, *(_WORD.findall("\n".join(lines)) for lines in (gone, come)))
        found |= self._names(gone, come, words)
        found |= self._doubled_uses(words)
        rewritten = lf_lines(text)
        found["off_depth"] = log1p(len(self._depths.off(rewritten)))
        found |= Beside(rewritten, hunks, self._headers).features()
        found["uncommented"] = log1p(sum(self._uncommented(hunks, rewritten)))
        found["unset"] = log1p(len(self._unset(gone, come, words) | self._scopes.unset(hunks)))
        orphaned, stranded = self._orphans(gone, words)
        found["orphaned"], found["stranded"] = log1p(orphaned), log1p(stranded)
        unreachable = sum(self._unreachable(after) - self._unreachable(before) for before, after in changed)
        found["unreachable"] = log1p(max(unreachable, 0))
        found |= self._renamed(_Recount(self._times, gone, come), words)
        identities, replaced = self._identities(gone, come, text)
        found["identities_gone"], found["identities_replaced"] = log1p(identities), log1p(replaced)
        return {name: value for name, value in found.items() if value}

    def _tags_opened(self, lines: list[str]) -> int:
        """How many more tags the lines open than they close, in markup and in documentation comments."""
        if self.language not in _MARKUP:
            lines = [line for line in lines if line.startswith("///")]
        return sum(1 - 2 * bool(found["closes"]) for line in lines for found in _TAG.finditer(line))

    def _unreachable(self, text: str) -> int:
        pattern = _UNREACHABLE_UNGUARDED if self.language in _WITH_GUARDS else _UNREACHABLE
        return sum(1 for _ in pattern.finditer(text))

    def _says(self, hunk: Hunk) -> bool:
        """Does the hunk change more than blank lines?"""
        return bool(hunk.new_text.strip()) or any(map(str.strip, self.lines[hunk.start_line : hunk.end_line]))

    def _defines_above_imports(self, hunk: Hunk) -> bool:
        """Does the hunk put a definition above imports of the file?"""
        above = hunk.start_line < self._last_import
        return above and any(line.strip() in self._headers for line in lf_lines(hunk.new_text))

    @cached_property
    def _last_import(self) -> int:
        """The file's last import at its margin, -1 without any."""
        info, width = self.outline.info, self.outline.width
        return max((k for k, each in enumerate(info) if each.kind == "import" and not width[k]), default=-1)

    def _names(self, gone: list[str], come: list[str], words: _Recount) -> dict[str, float]:
        """Counts of definitions that are doubled or deleted, and of names left without a definition."""
        lines, left, new = _Recount(self._times, gone, come), set(gone), set(come)
        headers = self._header_of
        stays = {self._headers[line] for line in new if line in self._headers}
        went = {name for name, header in headers.items() if header in left and name not in stays}
        known = {chunk.name: self.snippet.stripped[chunk.header] for chunk in self.snippet.definitions}
        beside = [name for name, header in known.items() if header in new and headers.get(name, header) != header]
        doubled = sum(lines[headers[name]] > 0 for name in beside)
        doubled += sum(header in new and lines[header] > max(1, self._times[header]) for header in headers.values())
        bare = {name.split(" ")[0] for name in went}
        asked = code_words(self.instruction) if removes(self.instruction) else set[str]()
        asked |= {name for name in bare if any(pieces(name) <= words for words in self._removals)}
        return {
            "doubled": float(doubled),
            "dangling": float(sum(words[name] > 0 for name in bare - asked)),
            "went_unused": float(sum(words[name] == 0 and self._word_counts[name] > 1 for name in bare)),
            "went_unasked": float(len([name for name in bare - asked if name not in self._update_words])),
        }

    def _doubled_uses(self, words: _Recount) -> dict[str, float]:
        """How many rare words the new lines say again although the file's line stays, and their share of all words.
        Words that the file imports, defines or sets are there to be used again."""
        new = {word for word in words.come if word not in self._imported and word not in self._set_by}
        again = [word for word in new if 0 < self._word_counts[word] <= _RARE and words[word] > self._word_counts[word]]
        return {"uses_doubled": log1p(len(again)), "uses_doubled_share": len(again) / max(len(new), 1)}

    def _uncommented(self, hunks: Sequence[Hunk], after: Sequence[str]) -> Iterator[int]:
        """How many comment lines each definition loses that stays, and of which the update does not show the header."""
        for start, header in self._documented:
            near = [hunk for hunk in hunks if hunk.start_line <= header and hunk.end_line >= start]
            if not near or any(hunk.start_line <= header < hunk.end_line for hunk in near):
                continue
            grown = (len(lf_lines(h.new_text)) - h.end_line + h.start_line for h in hunks if h.end_line <= header)
            here = header + sum(grown)
            left = [line.strip() for line in takewhile(str.strip, reversed(after[:here]))]
            told = self.outline.stripped[start:header]
            if all(line in told for line in left if COMMENT.match(line)):
                yield (Counter(told) - Counter(left)).total()

    @cached_property
    def _documented(self) -> list[tuple[int, int]]:
        """First line and header of the definitions with comments above them, those aside that the update shows."""
        texts, shown = self.outline.stripped, set(self.snippet.stripped)
        return [
            (chunk.start, chunk.header)
            for chunk in self.outline.definitions
            if texts[chunk.header] not in shown and any(map(COMMENT.match, texts[chunk.start : chunk.header]))
        ]

    def _renamed(self, lines: _Recount, words: _Recount) -> dict[str, float]:
        """Lines that the update shows with another name, and that stay or go, and old names that still occur when such
        lines go."""
        come = [each for each in self._renames if lines.come[self.snippet.stripped[each.line]]]
        gone = [each for each in come if lines[each.text] < self._times[each.text]]
        left = {each.old for each in gone if words[each.old]}
        return {
            "renamed_gone": log1p(len(gone)),
            "renamed_kept": log1p(len(come) - len(gone)),
            "renamed_left": float(len(left)),
        }

    def _identities(self, gone: list[str], come: list[str], text: str) -> tuple[int, int]:
        """How many deleted lines identify an entry, test or case that the update does not mention: those without a
        replacement, and those replaced by a similar line."""
        told = [(line, said) for line in gone if (said := identity(line)) and said not in self.update]
        lost = [line for line, said in told if said not in text and said not in self.instruction]
        replaced = [line for line in lost if any(looks(line, new) >= ALIKE for new in come)]
        return len(lost) - len(replaced), len(replaced)

    def _parted(self, moved: Pairs) -> int:
        """How many pairs of consecutive lines in the update are not consecutive in the result."""
        stand = self._echoes.pairs
        return sum(max(times - stand[pair] - moved[pair], 0) for pair, times in self._neighbours.items())

    def _orphans(self, gone: list[str], words: _Recount) -> tuple[int, int]:
        """How many imported names lose their last use while the import stays. The same for other names that the file
        defines or sets."""
        used = set(_WORD.findall(PLAIN_STRING.sub("", "\n".join(gone))))
        lost = {name for name in used if self._word_counts[name] > 1 and words[name] == 1}
        imported = lost & self._imported
        return len(imported), len((lost & self._set_by.keys()) - imported)

    def _unset(self, gone: list[str], come: list[str], words: _Recount) -> set[str]:
        """The names that the file still uses after their import or assignment is deleted."""
        went = Counter(name for line in gone for name in self._names_set(line))
        back = {name for line in come for name in self._names_set(line)}
        lost = (name for name, times in went.items() if name not in back and times == self._set_by[name])
        return {name for name in lost if words[name] > 0}

    def _names_set(self, line: str) -> list[str]:
        return self._sets.get(line) or _names_set(line)

    @cached_property
    def _sets(self) -> dict[str, list[str]]:
        """Line of the file or update -> the names that it defines, imports or sets."""
        found: dict[str, list[str]] = {}
        for outline in (self.outline, self.snippet):
            for k, text in enumerate(outline.stripped):
                if text and k not in outline.markers:
                    whole = _WORD.findall(text) if outline.info[k].kind == "import" else []
                    found.setdefault(text, [*whole, *_names_set(text)])
        return found

    @cached_property
    def _set_by(self) -> Counter[str]:
        """Name -> how many lines of the file define, import or set it."""
        found = Counter(name for text in self.outline.stripped for name in self._sets.get(text, ()))
        return found + Counter(chunk.name for chunk in self.outline.definitions)

    @cached_property
    def _imported(self) -> set[str]:
        lines = (k for k, info in enumerate(self.outline.info) if info.kind == "import")
        return {word for k in lines for word in _WORD.findall(self.outline.stripped[k])}

    @cached_property
    def _headers(self) -> dict[str, str]:
        """Header of a definition, in the file or the update -> the name it defines."""
        both = ((outline, chunk) for outline in (self.outline, self.snippet) for chunk in outline.definitions)
        return {outline.stripped[chunk.header]: chunk.name for outline, chunk in both}

    @cached_property
    def _header_of(self) -> dict[str, str]:
        """Name of a definition in the file -> its header."""
        return {chunk.name: self.outline.stripped[chunk.header] for chunk in self.outline.definitions}

    @cached_property
    def _renames(self) -> list[Renamed]:
        return renames(self.outline, self.snippet)

    @cached_property
    def _echoes(self) -> Echoes:
        return Echoes(self.original, self.update, self._new_lines)

    @cached_property
    def _named(self) -> set[str]:
        return code_words(self.instruction)

    @cached_property
    def _word_counts(self) -> Counter[str]:
        return Counter(_WORD.findall(self.original))

    @cached_property
    def _times(self) -> Counter[str]:
        return Counter(self.outline.stripped)

    @cached_property
    def _update_words(self) -> set[str]:
        return set(_WORD.findall(self.update))

    @cached_property
    def _new_lines(self) -> set[str]:
        """The lines of definitions that only the update has and shows whole. They may repeat lines of similar
        definitions."""
        names = {chunk.name for chunk in self.outline.definitions}
        return {
            self.snippet.stripped[line]
            for chunk in self.snippet.definitions
            if chunk.name not in names and self.snippet.markers.isdisjoint(range(chunk.start, chunk.end))
            for line in range(chunk.start, chunk.end)
        }

    @cached_property
    def _neighbours(self) -> Pairs:
        """Pairs of consecutive lines in the update without a marker between them."""
        runs: list[list[str]] = [[]]
        for k, line in enumerate(self.snippet.stripped):
            if k in self._markers:
                runs.append([])
            elif line:
                runs[-1].append(line)
        return sum((Counter(pairwise(run)) for run in runs), Counter())


class _Recount:
    """Counts of words or lines in a text after some are deleted and others inserted."""

    def __init__(self, before: Counter[str], gone: Iterable[str], come: Iterable[str]) -> None:
        self._before, self.gone, self.come = before, Counter(gone), Counter(come)

    def __getitem__(self, text: str) -> int:
        return self._before[text] - self.gone[text] + self.come[text]


def _names_set(line: str) -> list[str]:
    name = name_set(line)
    return [name] if _WORD.fullmatch(name) else []


def _is_edge(line: str) -> bool:
    """Does a line separate what is above it from what is below? Blank lines do not. Neither does a line that leaves its
    block, since unreachable code may follow."""
    return bool(line.strip()) and not _LEAVES.match(line)


def _imbalance(come: list[str], gone: list[str], *, directives: bool) -> int:
    """How much the balance of brackets, block comments and, if there are any, directives changes."""
    new, old = "".join(come), "".join(gone)
    brackets = sum(
        abs(new.count(opening) - new.count(closing) - old.count(opening) + old.count(closing))
        for opening, closing in _BRACKETS
    )
    comments = abs(sum(map(_comments_opened, come)) - sum(map(_comments_opened, gone)))
    if directives:
        brackets += abs(sum(map(_directives_opened, come)) - sum(map(_directives_opened, gone)))
    return brackets + comments


def _comments_opened(line: str) -> int:
    """1 for a line that opens a block comment and does not close it, -1 for a line that closes one."""
    opens, closes = line.startswith("/*"), line.endswith("*/") and (line[:1] in "/*" or "/*" not in line)
    return opens - closes


def _directives_opened(line: str) -> int:
    """1 for a line that opens a paired directive (`#if`), -1 for a line that closes one."""
    found = _DIRECTIVE.match(line)
    return 0 if found is None else -1 if found["ends"] else 1
