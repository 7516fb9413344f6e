"""Replaying what the server sends gives the text of the result: random edits, line ends, encodings."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from editor import Editor, capabilities, running
from samples import change_function, functions

from fastapply.applier import Applier
from fastapply.types import ApplyRequest

pytestmark = [pytest.mark.process, pytest.mark.asyncio(loop_scope="module")]

SEED = int(os.environ.get("FASTAPPLY_SEED", "0"))
EDITS = int(os.environ.get("FASTAPPLY_EDITS", "40"))  # with each encoding
NAMES = ["total", "größe", "数", "x_\N{MATHEMATICAL SCRIPT SMALL A}", "value"]
WORDS = ["# \N{GRINNING FACE}\x0c", '"\u2028"', "'é'", "0", "None", "'\N{FAMILY}' * 2"]


def random_file(rng: random.Random) -> str:
    parts = []
    for number in range(rng.randrange(2, 12)):
        body = "".join(f"    {rng.choice(NAMES)} = {rng.choice(WORDS)}\n" for _ in range(rng.randrange(1, 5)))
        parts.append(f"def f{number}(a):\n{body}    return {number}\n")
    text = "\n\n".join(parts)
    text = text if rng.random() < 0.7 else text.removesuffix("\n")
    newline = rng.choice(["\n", "\n", "\r\n", "\r"])
    return rng.choice(["", "", "\ufeff"]) + text.replace("\n", newline)


def random_update(rng: random.Random, text: str) -> str:
    count = text.count("def f")
    chosen = sorted(rng.sample(range(count), rng.randrange(1, min(count, 3) + 1)))
    parts = ["# ... existing code ...\n"]
    for number in chosen:
        body = "".join(f"    {rng.choice(NAMES)} = {rng.choice(WORDS)}\n" for _ in range(rng.randrange(1, 4)))
        parts.append(f"def f{number}(a):\n{body}    return {rng.randrange(99)}\n")
        parts.append("\n# ... existing code ...\n")
    if rng.random() < 0.3:
        parts.append("\n\ndef added(a):\n    return a\n")
    return "".join(parts)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_random_edits(tmp_path: Path, encoding: str) -> None:
    changed = 0
    async with running(tmp_path, said=capabilities(encoding), preview="off") as editor:
        for seed in range(SEED, SEED + EDITS):
            rng = random.Random(f"{encoding}{seed}")
            uri, text = f"file:///{seed}.py", random_file(rng)
            update = random_update(rng, text)
            expected = Applier(None).apply(ApplyRequest(text, update, path=f"{seed}.py")).text
            editor.open(uri, text)
            answer = await editor.apply(uri, update)
            replayed = editor.replay(uri, answer["edit"]) if answer["edit"] else editor.texts[uri]
            assert replayed == expected, f"FASTAPPLY_SEED={seed}"
            await one_by_one(editor, rng, uri, [hunk["id"] for hunk in answer["hunks"]])
            assert editor.texts[uri] == expected, f"FASTAPPLY_SEED={seed}"
            changed += expected != text
    assert changed > EDITS * 0.8


async def one_by_one(editor: Editor, rng: random.Random, uri: str, ids: list[str]) -> None:
    """Accept the hunks in any order: each is re-based over those before."""
    rng.shuffle(ids)
    for name in ids:
        answer = await editor.ask("fastapply/accept", {"textDocument": {"uri": uri}, "hunks": [name]})
        assert answer["applied"]


async def test_partial_results_alone_give_the_text(tmp_path: Path) -> None:
    text = functions(300)
    update = "\n".join(change_function(number) for number in (3, 150, 290))
    async with running(tmp_path) as editor:
        editor.open("file:///a.py", text)
        answer = await editor.apply("file:///a.py", update, partialResultToken="part")
        settled = [hunk for token, value in editor.progress if token == "part" for hunk in value["hunks"]]
        edit = {"changes": {"file:///a.py": settled}}
        assert editor.replay("file:///a.py", edit) == editor.replay("file:///a.py", answer["edit"]) != text
