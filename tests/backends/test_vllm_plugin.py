"""The plugin's parts that know nothing of vLLM. The rest runs in a real vLLM: tests/vllm."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from program import Cli

from fastapply.backends.vllm_plugin.proposer import NullProposer
from fastapply.backends.vllm_plugin.sources import drafter_of, to_xargs
from fastapply.engine.drafts import SOURCED, Sources, Speculation, make_drafter
from fastapply.errors import UsageError

VOCABULARY = 9
tokens = st.lists(st.integers(0, VOCABULARY - 1), max_size=60)
sources = st.builds(Sources, tokens, tokens, tokens)


@given(st.sampled_from(SOURCED), sources, tokens, st.data())
def test_drafts_are_those_of_the_local_engine(drafter: str, given: Sources, output: list[int], data: st.DataObject):
    """Whatever parts the output arrives in, and with the sources sent as JSON."""
    arrived = drafter_of(json.loads(json.dumps(to_xargs(drafter, given))))
    assert arrived is not None
    speculation, local = Speculation(arrived, "cpu", VOCABULARY), make_drafter(drafter, given)
    seen = 0
    while seen < len(output):
        more = data.draw(st.integers(1, len(output) - seen))
        for token in output[seen : seen + more]:
            local.observe(token)
        seen += more
        limit = data.draw(st.integers(-1, 20))
        draft = speculation.draft(output[:seen], limit)
        assert draft == list(local.draft(511))[: len(draft)]
        assert len(draft) <= max(limit, 0)


def test_a_perfect_source_is_drafted_whole_and_a_wrong_one_less_and_less() -> None:
    text = list(range(500))
    right = Speculation(make_drafter("merge", Sources([], [], text)), "cpu", 500)
    assert right.draft(text[:1], 127) == text[1:128]
    assert right.draft(text[:129], 127) == text[129:256]
    wrong = Speculation(make_drafter("merge", Sources([], [], [7] * 500)), "cpu", 500)
    output = [7, 7, 7]
    first = len(wrong.draft(output, 127))
    for _ in range(12):
        output += [8, 7, 7, 7]
        last = len(wrong.draft(output, 127))
    assert first == 127 > last > 0


def test_no_token_beyond_the_vocabulary_is_drafted() -> None:
    speculation = Speculation(make_drafter("merge", Sources([], [], [1, 2, 99, 3])), "cpu", 50)
    assert speculation.draft([1], 9) == [2]


def test_what_asks_for_no_drafts_and_what_is_wrong() -> None:
    assert drafter_of(None) is None
    assert drafter_of({"other": 1}) is None
    good = to_xargs("merge", Sources([1], [2], [3]))
    for bad in ("abc", [1, "2"], [1.5], [True], [-1], None):
        with pytest.raises(ValueError, match="fastapply_candidate is not a list of token ids"):
            drafter_of({**good, "fastapply_candidate": bad})
    with pytest.raises(UsageError, match="unknown drafter `x`"):
        drafter_of({**good, "fastapply_drafter": "x"})
    assert NullProposer(None).propose([[1], [2, 3]], None, None, slot_mappings=None) == [[], []]


def test_the_plugin_needs_nothing_but_vllm() -> None:
    """It is installed without dependencies: only the standard library and vLLM are there for sure."""
    parts = "from fastapply.backends.vllm_plugin import proposer, sources"
    script = f"import sys; before = set(sys.modules); {parts}; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    tops = {name.partition(".")[0] for name in done.stdout.split()}
    assert tops - sys.stdlib_module_names == {"fastapply"}


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("--backend", "vllm"), 2, "--backend vllm needs --base-url"),
        (("--base-url", "http://127.0.0.1:9/v1"), 2, "needs --backend openai or vllm"),
        (("--backend", "vllm", "--base-url", "http://127.0.0.1:9/v1"), 1, "http://127.0.0.1:9/v1: no connection"),
    ],
)
def test_wrong_usage(cli: Cli, arguments: tuple[str, ...], status: int, said: str) -> None:
    cli.write("a.py", "a = 1\nb = 2\n")
    done = cli.run("apply", "a.py", *arguments, stdin=b"a = 1\nb = 3\n")
    assert done.status == status
    assert said in done.err
    assert done.err.count("\n") == 1
