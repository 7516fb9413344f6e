"""The vocabulary of markers, as patterns. `markers` has the rules.

Most patterns match the words of a comment without its dots. SPLIT and the patterns for lines of code do not.
"""

from __future__ import annotations

import re
from functools import cached_property


class Late:
    """A long case-insensitive expression, compiled on first use. The longest takes as long to compile as a small edit
    takes to apply, and many edits need none."""

    def __init__(self, expression: str) -> None:
        self._expression = expression

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(self._expression, re.IGNORECASE)

    def match(self, text: str) -> re.Match[str] | None:
        return self._pattern.match(text)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        return self._pattern.fullmatch(text)


DOTS = re.compile(r"\.{3}|…")
ELLIPSIS = r"(?:(?<!\.)\.{3,5}(?!\.)|…+)"
SPLIT = re.compile(rf"(?P<opens>{ELLIPSIS})?(?P<gap>\s*)(?P<core>.*?)\s*(?P<closes>{ELLIPSIS})?[.,;:]?", re.DOTALL)

# Keeping

_QUALIFIER = r"(?:existing|previous|prior|original|current|other|remaining|unchanged|unmodified|untouched|same)"
_NOUN = (
    r"(?:code|files?|class(?:es)?|functions?|methods?|modules?|components?|imports?|implementations?|logic|contents?"
    r"|bod(?:y|ies)|fields?|propert(?:y|ies)|props|attributes?|members?|tests?|test cases|lines?|definitions?"
    r"|options?|config|configurations?|settings?|styles?|rules?|routes?|handlers?|helpers?|types?|variables?"
    r"|constants?|statements?|cases|entries|items|keys|values|rows|sections?|text|document|markup|elements?|stuff"
    r"|script|structs?|interfaces?|enums?|hooks|state|setup|exports?|declarations?|parameters|arguments|docstrings?"
    r"|docs|documentation|block|dependencies|scripts|columns|jsx|html|css|handling|validations?|checks|processing"
    r"|parsing|initiali[sz]ation|cleanup|branch(?:es)?|conditions?|loops?|behaviou?r|targets|tasks|steps|jobs|routines?)"
)
_NAME = r"[`'\"]?[\w$][\w$.:#-]*(?:\(\)|/\d)?[`'\"]?"  # run, run(), run/2
_ARTICLE = r"(?:(?:the|this|your|our|that|all|all the|all other|any|any other|an?|my)\s+)?"
_THING = rf"(?:(?:{_QUALIFIER}\s+)*(?:{_NAME}\s+)?{_NOUN}(?:\s+(?:and|or|&)\s+{_NOUN})?)"
_WHOLLY = r"(?:(?:exactly|just|all|completely|otherwise)\s+)?"
_VERSION = (
    r"(?:\s+(?:as|to|in)\s+(?:before|above|now"
    r"|(?:in\s+)?the\s+(?:original|current|existing)(?:\s+(?:file|code|version|one))?))"
)
_SAME = rf"(?:(?:the same|same|identical){_VERSION}?|not changed|unchanged(?:{_VERSION})?)"
_UNCHANGING = r"(?:(?:do|does)(?: not|n['’]t) change|don['’]t change)"
_STAYS = (
    r"(?:(?:(?:is|are|remains?|stays?|keeps?|left|kept|continues?|goes|go|be|should|will|must|to)\s+)*"
    rf"{_WHOLLY}(?:{_SAME}|untouched|unmodified|intact|alone|as is|as-is|as it is|as they are"
    r"|as before|as above|as it was|as they were|here"
    r"|below|above|omitted|not shown|hidden|elided)(?:\s+(?:for brevity|here|as before|from here(?: on)?))?"
    rf"|remains?|stays?|continues?|follows?|for brevity|{_UNCHANGING})"
)
_REST = rf"(?:(?:the\s+)?(?:rest|remainder)(?:\s+of\s+{_ARTICLE}(?:{_THING}|{_NAME}))?)"
_KEEP_VERB = r"(?:(?:please\s+)?(?:keep|keeping|leave|preserve|retain)s?)"
_THERE = r"(?:\s+(?:(?:above|below|before|after)(?:\s+(?:this|that|here))?(?:\s+(?:line|point))?|here))"
_EVERYTHING = rf"(?:everything(?:\s+else)?{_THERE}?)"

# Words that identify a marker whatever it names: "other boats unchanged", "existing stops stay the same".
_UNTOUCHED = (
    rf"(?:(?:is|are|remains?|stays?|be|left|kept|will|should|must)\s+)*{_WHOLLY}"
    rf"(?:{_SAME}|{_UNCHANGING}|untouched|unmodified|intact"
    r"|as is|as-is|as it is|as they are|as before|as it was|as they were|omitted|not shown|elided|hidden)"
    r"(?:\s+(?:for brevity|here|below|above))?"
)
_WORDS = r"(?:[\w'-]+\s+){1,4}"
_LINES = r"(?:(?:lines?\s+)?\d+(?:\s*(?:-|–|to)\s*\d+)?(?:\s+(?:more\s+|other\s+|existing\s+)?lines?)?)"

_CODE_NAME = r"[`'\"]?[\w$]*(?:[\w$][_.$][\w$]|\w(?=\(\)))[\w$.]*(?:\(\))?[`'\"]?"  # get_it, M.have, run()

_LISTED = r"[`'\"]?[\w$][\w$.:+-]*(?:\([\w,. <>]*\)|/\d)?[`'\"]?:?"
_LIST = rf"{_LISTED}(?:(?:,|,?\s+(?:and|or|&)|\s)\s*{_LISTED}){{0,9}}"  # first, second() and third items

# A whole comment that is a marker even without an ellipsis.
KEEP_PLAIN = Late(
    rf"{_ARTICLE}{_QUALIFIER}\s+(?:{_NAME}\s+)?{_NOUN}(?:\s+(?:and|or|&)\s+{_NOUN})?(?:\s+{_STAYS}|,? \(?unchanged\)?)?"
    rf"|{_REST}(?:\s+{_STAYS})?"
    rf"|{_KEEP_VERB}\s+{_ARTICLE}(?:{_QUALIFIER}\s+{_THING}|{_REST}|{_EVERYTHING})(?:\s+{_STAYS})?"
    rf"|{_KEEP_VERB}\s+{_ARTICLE}{_THING}{_THERE}?\s+{_STAYS}"
    rf"|(?:{_NAME}\s+)?(?:body|code|contents?|implementation|logic|imports|methods)\s+{_STAYS}"
    rf"|{_ARTICLE}(?:(?:{_NOUN}){_THERE}?|{_EVERYTHING})\s+{_STAYS}"
    rf"|{_ARTICLE}(?:{_QUALIFIER}|{_REST})\s+{_WORDS}{_UNTOUCHED}|{_LINES}\s+{_UNTOUCHED}|\d+\s+unchanged\s+lines?"
    rf"|existing\s+{_WORDS}(?:code|logic|implementation)?\s*(?:stays?\s+)?(?:goes\s+)?here"
    rf"|{_CODE_NAME}\s+(?:(?:is|are|stays?|remains?)\s+){_UNTOUCHED}"
    r"|(?!(?:leave|keep|make|returns?|if|when|so|that|must|should|ensure|do|does|not|still|works?|behaves?)\b)"
    r"(?!.*\b(?:so that|which|because|but|when|unless|until|must|should|ensures?)\b)"
    rf"{_LIST}\s+(?:(?:stays?|remains?)\s+{_WHOLLY}(?:{_SAME}|as before|as (?:it is|they are|is)|untouched)"
    rf"|(?:(?:is|are)\s+)?(?:unchanged|untouched|as before|not changed|identical{_VERSION})|{_UNCHANGING}"
    r"|(?<=: )(?:no changes?|(?:the )?same as before|as before))(?:\s+(?:here|below|above|for brevity))?"
    r"|nothing (?:else )?(?:changes|changed|is changed)(?: here| above| below| in between)?"
    r"|no (?:other |further |more )?changes? (?:below|above|after|beyond)(?: this| here)?(?: line| point)?"
    rf"|(?:the|this|other|all)(?:\s+[\w-]+){{1,3}}\s+(?:stays?|remains?)\s+{_WHOLLY}"
    r"(?:as it is|as they are|unchanged|untouched)"
    r"|no changes? (?:to|in) [\w.()-]+(?:(?:,| and|, and) [\w.()-]+)*(?: here| below| above)?"
    r"|(?:unchanged|unmodified|untouched)(?: from here(?: on)?)?|no changes?(?: here| needed| below| above)?"
    rf"|(?:(?:the )?same|identical){_VERSION}|(?:the )?same as original|and (?:the rest|so on)|keep existing"
    r"|as before|everything else|code omitted|omitted(?: for brevity)?|snip(?:ped)?|remaining|keep as is"
)
# These alone, such as "other methods" or "same as above", are too common in real comments.
TOO_COMMON = Late(
    rf"{_ARTICLE}(?:other|same|current|previous|prior|original|remaining)\s+(?:{_NAME}\s+)?"
    rf"(?!code\b){_NOUN}(?:\s+(?:and|or|&)\s+{_NOUN})?(?:\s+(?:here|below|above))?"
    r"|as before|remaining|snip(?:ped)?|(?:the )?(?:rest|remainder)|everything else|(?:the )?same as above"
    rf"|(?:(?!{_QUALIFIER}\b){_NAME}\s+)?{_NOUN}\s+(?:below|above|here|follows?)"
)
# Words of markers that name nothing in a file.
GENERIC = Late(rf"{_QUALIFIER}|{_NOUN}|rest|remainder|everything|and|or|the|of|to|up|stays?|as|is|are|before|here")
_DOCSTRING = r"(?:doc ?strings?|docs|documentation|doc comments?|javadoc|jsdoc)"
ONLY_DOCSTRING = Late(rf"(?:(?:{_QUALIFIER}|{_ARTICLE.strip()})\s*)*{_DOCSTRING}(?:\s+{_STAYS})?")
KEEP_WORD = re.compile(
    r"\b(?:existing|rest|remainder|remaining|remains?|unchanged|unmodified|untouched|same|keep|keeping|previous|original"
    r"|omitted|elided|identical|other|stays?|kept|as before|as is|as (?:it|they) (?:is|are|was|were)|no changes?"
    r"|brevity|truncated|snip(?:ped)?)\b",
    re.IGNORECASE,
)
KEEP_NAME = Late(
    rf"{_KEEP_VERB}\s+{_ARTICLE}(?!{_QUALIFIER}\b|{_NOUN}\b|rest\b|everything\b)(?P<name>{_NAME})(?:\s+{_NOUN})?"
    rf"(?:\s+{_STAYS})?"
)
_WHOLE = r"(?:code|file|class|function|method|component|implementation)"
PLAIN_LEAK = Late(
    rf"{_ARTICLE}existing (?:code|imports|methods|functions)(?: {_STAYS})?"
    rf"|keep (?:the )?existing (?:code|imports|methods|functions)(?: {_STAYS})?"
    rf"|(?:the )?rest of {_ARTICLE}(?:{_NAME} )?{_WHOLE}(?: {_STAYS})?"
    rf"|{_WHOLE} (?:remains (?:the same|unchanged)|unchanged|omitted for brevity)"
)
# The end of what stands in brackets: "(the rules for lists stay the same)".
BRACKETED_END = re.compile(
    rf"\s(?:is|are|stays?|remains?|left|kept)\s+{_WHOLLY}(?:{_SAME}|untouched|unmodified|alone"
    rf"|as (?:it is|they are|is|before)|omitted|not shown|elided)$|\s{_UNCHANGING}$",
    re.IGNORECASE,
)
# After opening dots: words that begin or end like a marker, "... imports", "... handlers stay the same".
LEANING = Late(rf"{_ARTICLE}(?:{_THING}|{_REST})(?:\s+{_STAYS})?$|{_ARTICLE}{_QUALIFIER}\b|rest\b")
LEANING_END = re.compile(rf"\s{_STAYS}$", re.IGNORECASE)
# After opening dots, where the next lines belong: "... and in exec()", "... further down", "... at the bottom".
_ON = r"(?:(?:and|then|also|later(?: on)?|next|further|farther|down|up|below|above)\b,?\s*)*"
_SPOT = r"(?:top|bottom|end|start|beginning)"
PLACE = Late(
    rf"{_ON}(?:(?:at|near)\s+the\s+{_SPOT}(?:\s+of\s+{_ARTICLE}(?:{_NOUN}|{_NAME}))?"
    rf"|(?:in|inside|within)\s+(?:the\s+)?(?:same\s+{_NOUN}|{_NAME}\s+{_NOUN}|constructor|{_NOUN}))"
    r"|(?:further|farther|later)\s+(?:down|up|on|below)"
)
IN_NAMED = re.compile(rf"{_ON}(?:in|inside|within)\s+(?:the\s+)?(?P<name>\S+)", re.IGNORECASE)
# Before closing dots: "existing other comments ...".
EXISTING = re.compile(rf"{_ARTICLE}existing(?:\s+[\w'/&-]+){{1,4}}", re.IGNORECASE)
# Signs of code: operators, statement ends, string interpolation.
OPERATOR = re.compile(r"(?<!\S)(?:\[\]=?|<=>|[=!]=|<<|=~)(?=[\s,]|$)")  # a method that is named by its sign
EITHER = re.compile(r"(?<=[A-Za-z)])(?:/| [/&+] )(?=[A-Za-z])")  # "directory/file checks", "header & footer"
SIGNATURE = re.compile(r"\b\w+\([\w,. <>]*\)")
SIGNED_NAME = re.compile(r"\$[({]\w+[)}]|[$@&]+\w+|\b\w+<\w+>")
CODE = re.compile(r"[=;{}<>|&^~\\$@]|\w\(\w|\)\(|\bself\.")

# Removing

REMOVE_WORD = re.compile(r"(?:removed?|removing|deleted?|deleting|drop(?:ped)?)\b", re.IGNORECASE)
_STRUCTURE = (
    r"(?:functions?|methods?|class(?:es)?|imports?|fields?|propert(?:y|ies)|variables?|constants?|statements?|blocks?"
    r"|lines?|calls?|definitions?|declarations?|routes?|handlers?|components?|hooks?|tests?|types?|interfaces?|enums?"
    r"|structs?|sections?|rules?|parameters?|arguments?|attributes?|decorators?|helpers?|code|keys?|options?|columns?|entry)"
)
STRUCTURE = re.compile(_STRUCTURE, re.IGNORECASE)
_OLD = r"(?:old|obsolete|unused|legacy|deprecated|previous|dead|existing|original)"
REMOVAL = Late(
    rf"(?P<verb>removed?|deleted?|drop(?:ped)?)\b\s*(?P<colon>[:\-–—])?\s*"
    rf"(?P<article>(?:the|this|these|that|all)\s+)?(?P<old>{_OLD}\s+)?"
    rf"(?:(?P<kind>{_STRUCTURE})\s+)?(?P<name>{_NAME})(?:\s+(?P<noun>{_STRUCTURE}))?"
)
REMOVED_LIST = re.compile(r"(?:removed?|deleted?)\s*:\s*(?P<rest>\S.*)", re.IGNORECASE)
NAME_REMOVED = Late(
    rf"(?:{_STRUCTURE}\s+)?(?P<name>{_NAME})(?:\s+{_STRUCTURE})?"
    r"\s+(?:(?:is|was|has been|have been)\s+)?(?:removed|deleted)(?:\s+here)?"
)
# Things that ordinary code removes: "# remove duplicates" is a comment on the next line.
EVERYDAY = frozenset(
    re.findall(
        r"\w+",
        """
        blank blanks brackets cache char character characters child children colon comma comment comments container
        cookie cookies cursor data directory dirs docker duplicate duplicates element elements empty entries entry
        event extension file files first folder foreign from node nodes html image images in index it item items job
        key keys last leading listener listeners lock newline newlines noise nulls object objects old one padding
        path prefix punctuation quotes record records row rows session slash space spaces stopwords suffix tab table
        tables tag tags temp text them timer token tokens trailing user users value values whitespace whitespaces
        word words zeros dupes by since after and because but due when on for to if at as is with support
        """,
    )
)
# A name that cannot be an everyday word.
CODE_NAME = re.compile(r"[_`\"()<>=$.]|[a-z][A-Z]|\d")

# In lines of code

INLINE_START = re.compile(r"//|#|--|/\*|<!--|\{/\*")
INLINE_CLOSED = re.compile(
    rf"/\*.*?\*/|<!--.*?-->|\{{/\*.*?\*/\}}|(?://|#|--)\s*{ELLIPSIS}.*?{ELLIPSIS}(?=[\s)}}\]>,;]*$)"
)
INLINE_ENDED = re.compile(r"(?P<marker>.*\S)(?P<after>\s+[)}\]>,;]+)")
# A body of dots in braces is code in no language but Perl.
STUB_BODY = re.compile(r"(?P<before>.*\S\s*\{\s*)(?P<marker>\.{3}|…)(?P<after>\s*\}[);,]*\s*)")
