"""The bound of drafting, and `fastapply bench` with the embedded model on one small file."""

from __future__ import annotations

import json

import pytest
from program import Cli

from fastapply.engine.drafts import Sources
from fastapply_lab.bench.bound import PassSeconds, bound, misses
from fastapply_lab.bench.measure import METHODS
from fastapply_lab.bench.peers import PEERS

KEYS = {
    *("seconds", "output_tokens", "tokens_per_second", "forward_passes"),
    *("speedup_vs_plain", "times_floor", "identical_to_plain", "acceptance"),
}
ORIGINAL = "def one(a):\n    return a + 1\n\n\ndef two(a):\n    return a + 2\n"
TASK = {
    "id": "small",
    "language": "python",
    "original": ORIGINAL,
    "update": "def one(a):\n    return a * 10\n\n# ... existing code ...\n",
    "expected": ORIGINAL.replace("a + 1", "a * 10"),
}


def test_a_copy_has_no_misses_and_a_replaced_token_has_itself_and_the_way_back():
    original = list(range(100, 160))
    sources = Sources(original, [7, 8, 9], [])
    assert misses(original, sources) == 0
    changed = [*original[:30], 3, *original[31:]]  # 3 stands nowhere; the cursor is found again after three tokens
    assert 1 < misses(changed, sources) <= 5
    assert misses([1, 2, 3, 4], Sources([], [], [])) == 4


def test_the_bound_is_plain_speed_for_new_text_and_the_blocks_for_a_copy():
    cost = PassSeconds(one=0.05, full=0.5, block=500)
    assert bound(0, 1000, 1000, cost) == pytest.approx(1)
    assert bound(0, 1000, 0, cost) == pytest.approx(50)
    assert 1 < bound(500, 1000, 100, cost) < bound(500, 1000, 10, cost) < 50


def test_what_cannot_be_written_or_run_is_said_before_anything_is_measured(cli: Cli) -> None:
    for arguments, said in (
        (("--json", "nowhere/out.json"), "there is no folder nowhere for out.json"),
        (("--methods", "plain,magic"), "unknown method `magic`; there are: plain, transformers"),
    ):
        done = cli.run("bench", *arguments)
        assert done.status == 2
        assert said in done.err


@pytest.mark.model
def test_bench_measures_every_method_on_a_file_of_ones_own(cli: Cli) -> None:
    cli.write("tasks.jsonl", json.dumps(TASK) + "\n")
    files = ("--json", "out.json", "--markdown", "out.md", "--plot", "out.png")
    done = cli.run("bench", "tasks.jsonl", *files, "--plain-tokens", "16")
    assert done.status == 0, done.err
    out = json.loads((cli.folder / "out.json").read_text())
    assert set(METHODS) | {"floor"} == set(out["methods"]) | set(out["skipped"])
    for name, row in out["methods"].items():
        assert set(row) >= KEYS
        if name not in PEERS:  # transformers' kernels see other shapes: what they give is reported, not promised
            assert row["identical_to_plain"], name
    assert out["methods"]["plain"]["estimated_tasks"] == 1
    assert out["methods"]["merge"]["forward_passes"] < out["methods"]["plain"]["forward_passes"] / 4
    (task,) = out["by_task"]
    assert (task["id"], task["lines"]) == ("small", 6)
    assert task["bound"] > 1
    assert task["apply"]["exact"]
    assert out["profile"]["merge"]["acceptance"] > 0.8
    assert out["profile"]["merge"]["head"] > 0
    assert "| merge |" in (cli.folder / "out.md").read_text()
    assert (cli.folder / "out.png").read_bytes().startswith(b"\x89PNG")
