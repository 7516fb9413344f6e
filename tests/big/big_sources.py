"""Long files of our own: classes with methods that look alike, from a seed, in six languages; and edits of them.

Real long files are like that: the same few shapes again and again, with other names. A method is told from its
look-alikes by its name, and by nothing else.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

VERBS = [
    "load",
    "store",
    "check",
    "merge",
    "count",
    "filter",
    "render",
    "resolve",
    "index",
    "parse",
    "encode",
    "flush",
    "restore",
    "update",
]
NOUNS = [
    "order",
    "invoice",
    "shipment",
    "customer",
    "ledger",
    "refund",
    "address",
    "basket",
    "voucher",
    "parcel",
    "tariff",
    "branch",
]
THINGS = ["batch", "entry", "header", "record", "window", "label", "buffer", "total", "cursor", "queue"]


@dataclass(frozen=True)
class Style:
    """How a language writes things. Bodies have a `LIMIT`, the line that edits change, and names to fill in."""

    suffix: str
    marker: str
    top: str
    opening: str
    closing: str
    bodies: tuple[str, ...]
    guard: str  # a line that edits put in below the limit


PYTHON = Style(
    "py",
    "# ... existing code ...",
    "from __future__ import annotations\n\nimport logging\nfrom store import Record, StoreError\n\n"
    "logger = logging.getLogger(__name__)\n",
    '\n\nclass {Noun}{number}Desk:\n    """Work on one {noun} at a time."""\n\n    def __init__(self, store):\n'
    "        self.store = store\n        self.seen = {{}}\n",
    "",
    (
        '    def {name}(self, {thing}, strict=False):\n        """The {thing} of the {noun}, or an error."""\n'
        "        limit = {limit}\n        found = []\n        for item in self.store.find({thing}):\n"
        "            if item.size > limit and strict:\n"
        '                raise StoreError(f"{thing} too large: {{item.size}}")\n'
        "            found.append(item)\n        self.seen[{thing}] = len(found)\n        return found\n",
        "    def {name}(self, {thing}):\n        limit = {limit}\n        with self.store.lock({thing}) as held:\n"
        "            if held.count >= limit:\n                logger.warning('%s is full', {thing})\n"
        "                return None\n            held.add(Record({thing}))\n        return held\n",
    ),
    "        self.store.audit({thing}, limit)\n",
)
TYPESCRIPT = Style(
    "ts",
    "// ... existing code ...",
    'import {{ Store, StoreError }} from "./store";\nimport type {{ Entry }} from "./types";\n',
    "\nexport class {Noun}{number}Desk {{\n  private seen = new Map<string, number>();\n\n"
    "  constructor(private readonly store: Store) {{}}\n",
    "}}\n",
    (
        "  /** The {thing} of the {noun}. */\n  async {name}({thing}: string, strict = false): Promise<Entry[]> {{\n"
        "    const limit = {limit};\n    const found: Entry[] = [];\n"
        "    for await (const item of this.store.find({thing})) {{\n      if (item.size > limit && strict) {{\n"
        "        throw new StoreError(`{thing} too large: ${{item.size}}`);\n      }}\n"
        "      found.push(item);\n    }}\n"
        "    this.seen.set({thing}, found.length);\n    return found;\n  }}\n",
        "  {name}({thing}: string): boolean {{\n    const limit = {limit};\n"
        "    const held = this.store.lock({thing});\n"
        "    if (held.count >= limit) {{\n      console.warn(`${{{thing}}} is full`);\n      return false;\n    }}\n"
        "    held.add({{ name: {thing} }});\n    return true;\n  }}\n",
    ),
    "    this.store.audit({thing}, limit);\n",
)
GO = Style(
    "go",
    "// ... existing code ...",
    'package desk\n\nimport (\n\t"errors"\n\t"log"\n\n\t"example.org/store"\n)\n',
    "\n// {Noun}{number}Desk works on one {noun} at a time.\ntype {Noun}{number}Desk struct {{\n"
    "\tstore *store.Store\n\tseen  map[string]int\n}}\n",
    "",
    (
        "// {Name} finds the {thing} of the {noun}.\n"
        "func (d *{Noun}{number}Desk) {Name}({thing} string, strict bool) ([]store.Entry, error) {{\n"
        "\tlimit := {limit}\n\tvar found []store.Entry\n\tfor _, item := range d.store.Find({thing}) {{\n"
        '\t\tif item.Size > limit && strict {{\n\t\t\treturn nil, errors.New("{thing} too large")\n\t\t}}\n'
        "\t\tfound = append(found, item)\n\t}}\n\td.seen[{thing}] = len(found)\n\treturn found, nil\n}}\n",
        "func (d *{Noun}{number}Desk) {Name}({thing} string) bool {{\n\tlimit := {limit}\n"
        "\theld := d.store.Lock({thing})\n\tdefer held.Unlock()\n\tif held.Count >= limit {{\n"
        '\t\tlog.Printf("%s is full", {thing})\n\t\treturn false\n\t}}\n\theld.Add({thing})\n\treturn true\n}}\n',
    ),
    "\td.store.Audit({thing}, limit)\n",
)
JAVA = Style(
    "java",
    "// ... existing code ...",
    "package org.example.desk;\n\nimport java.util.ArrayList;\nimport java.util.List;\nimport org.example.store.*;\n",
    "\nfinal class {Noun}{number}Desk {{\n    private final Store store;\n\n"
    "    {Noun}{number}Desk(Store store) {{\n        this.store = store;\n    }}\n",
    "}}\n",
    (
        "    /** The {thing} of the {noun}. */\n    List<Entry> {name}(String {thing}, boolean strict) {{\n"
        "        int limit = {limit};\n        List<Entry> found = new ArrayList<>();\n"
        "        for (Entry item : store.find({thing})) {{\n            if (item.size() > limit && strict) {{\n"
        '                throw new StoreException("{thing} too large: " + item.size());\n            }}\n'
        "            found.add(item);\n        }}\n        return found;\n    }}\n",
        "    boolean {name}(String {thing}) {{\n        int limit = {limit};\n"
        "        try (Held held = store.lock({thing})) {{\n            if (held.count() >= limit) {{\n"
        "                return false;\n            }}\n            held.add({thing});\n        }}\n"
        "        return true;\n    }}\n",
    ),
    "        store.audit({thing}, limit);\n",
)
RUST = Style(
    "rs",
    "// ... existing code ...",
    "use std::collections::HashMap;\n\nuse crate::store::{{Entry, Store, StoreError}};\n",
    "\npub struct {Noun}{number}Desk {{\n    store: Store,\n    seen: HashMap<String, usize>,\n}}\n\n"
    "impl {Noun}{number}Desk {{\n    pub fn new(store: Store) -> Self {{\n"
    "        Self {{ store, seen: HashMap::new() }}\n    }}\n",
    "}}\n",
    (
        "    /// The {thing} of the {noun}.\n"
        "    pub fn {name}(&mut self, {thing}: &str, strict: bool) -> Result<Vec<Entry>, StoreError> {{\n"
        "        let limit = {limit};\n        let mut found = Vec::new();\n"
        "        for item in self.store.find({thing}) {{\n            if item.size > limit && strict {{\n"
        "                return Err(StoreError::TooLarge(item.size));\n            }}\n            found.push(item);\n"
        "        }}\n        self.seen.insert({thing}.to_string(), found.len());\n        Ok(found)\n    }}\n",
        "    pub fn {name}(&self, {thing}: &str) -> bool {{\n        let limit = {limit};\n"
        "        let mut held = self.store.lock({thing});\n        if held.count() >= limit {{\n"
        "            return false;\n        }}\n        held.add({thing});\n        true\n    }}\n",
    ),
    "        self.store.audit({thing}, limit);\n",
)
C = Style(
    "c",
    "/* ... existing code ... */",
    '#include <stdio.h>\n#include <string.h>\n\n#include "store.h"\n',
    "\n/* Work on one {noun} at a time. */\nstruct {noun}{number}_desk {{\n    struct store *store;\n"
    "    size_t seen;\n}};\n",
    "",
    (
        "/* The {thing} of the {noun}. */\n"
        "static int {noun}{number}_{name}(struct {noun}{number}_desk *desk, const char *{thing}, int strict)\n{{\n"
        "    size_t limit = {limit};\n    size_t found = 0;\n"
        "    for (struct entry *item = store_find(desk->store, {thing}); item; item = item->next) {{\n"
        "        if (item->size > limit && strict) {{\n"
        '            fprintf(stderr, "{thing} too large: %zu\\n", item->size);\n            return -1;\n        }}\n'
        "        found++;\n    }}\n    desk->seen = found;\n    return 0;\n}}\n",
        "static int {noun}{number}_{name}(struct {noun}{number}_desk *desk, const char *{thing})\n{{\n"
        "    size_t limit = {limit};\n    struct held *held = store_lock(desk->store, {thing});\n"
        "    if (held->count >= limit) {{\n        store_unlock(held);\n        return -1;\n    }}\n"
        "    held_add(held, {thing});\n    store_unlock(held);\n    return 0;\n}}\n",
    ),
    "    store_audit(desk->store, {thing}, limit);\n",
)
STYLES = {"python": PYTHON, "typescript": TYPESCRIPT, "go": GO, "java": JAVA, "rust": RUST, "c": C}


@dataclass
class Method:
    """One method as text, and what it was made from."""

    style: Style
    body: str
    names: dict[str, str]
    guarded: bool = False

    @property
    def lines(self) -> list[str]:
        lines = self.body.format(**self.names).splitlines(keepends=True)
        if self.guarded:
            lines.insert(self.limit_line + 1, self.style.guard.format(**self.names))
        return lines

    @property
    def limit_line(self) -> int:
        return next(k for k, line in enumerate(self.body.split("\n")) if "{limit}" in line)

    @property
    def text(self) -> str:
        return "".join(self.lines)


@dataclass
class Desk:
    """One class (in Go and C: a struct with its functions)."""

    style: Style
    names: dict[str, str]
    methods: list[Method] = field(default_factory=list)

    @property
    def text(self) -> str:
        methods = "".join(f"\n{method.text}" for method in self.methods)
        return self.style.opening.format(**self.names) + methods + self.style.closing.format(**self.names)


@dataclass
class Source:
    """One file. Changing a method in place and asking for `text` again gives what an edit should lead to."""

    style: Style
    desks: list[Desk]

    @property
    def text(self) -> str:
        return self.style.top.format() + "".join(desk.text for desk in self.desks)

    @property
    def methods(self) -> list[Method]:
        return [method for desk in self.desks for method in desk.methods]


def make_source(language: str, lines: int, seed: int) -> Source:
    """A file of at least `lines` lines, fewer than 150 more."""
    style, rng = STYLES[language], random.Random(seed)
    source, length = Source(style, []), 0
    while length < lines:
        noun = rng.choice(NOUNS)
        number = len(source.desks)
        desk = Desk(style, {"noun": noun, "Noun": noun.title(), "number": str(number)})
        desk.methods = list(_methods(desk, rng))
        source.desks.append(desk)
        length += desk.text.count("\n")
    return source


def _methods(desk: Desk, rng: random.Random) -> Iterator[Method]:
    for verb in rng.sample(VERBS, 8):
        thing = rng.choice(THINGS)
        camel = f"{verb}{thing.title()}{desk.names['number']}"
        snake = f"{verb}_{thing}_{desk.names['number']}"
        name = snake if desk.style.suffix in ("py", "rs", "c") else camel
        yield new_method(desk, name, thing, rng)


def new_method(desk: Desk, name: str, thing: str, rng: random.Random) -> Method:
    own = {"name": name, "Name": name[0].upper() + name[1:], "thing": thing, "limit": str(rng.randrange(10, 100))}
    return Method(desk.style, rng.choice(desk.style.bodies), {**desk.names, **own})
