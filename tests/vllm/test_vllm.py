"""Speculative edits in a real vLLM on the CPU, in float32: with drafts it writes what it writes without."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest
from doubtful import doubtful
from engine import MODEL, Engine, Written, running
from padded import pad_heads
from program import ROOT, Cli

from fastapply.config import load_settings
from fastapply.engine.drafts import Sources
from fastapply.engine.weights import adapter_folder, export
from fastapply.prompt import Codec, template
from fastapply.types import ApplyRequest
from fastapply_lab.bench.cases import standard_tasks
from fastapply_lab.data.tasks import write_tasks

sys.path.insert(0, str(Path(__file__).parents[1] / "http"))

from server import running as serving

COUNT = 160  # tokens of each output
COPIED = 100  # tokens from which on an output counts as a copy
FILES = {  # of this repository: what is replaced, and by what
    "fastapply/errors.py": ("nothing was written.", "and nothing was written at all."),
    "lab/fastapply_lab/tasks.py": ("return", "return  # all"),
    "fastapply/backends/turns.py": ("turn.append(part)", "turn.append(str(part))"),
    "fastapply/backends/sse.py": ("held.append(rest)", "held.append(bytes(rest))"),
}


class Edit(NamedTuple):
    prompt: list[int]
    sources: Sources


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("models") / MODEL
    export(load_settings().cache_dir, adapter_folder(), out)
    return out


@pytest.fixture(scope="module")
def codec(folder: Path) -> Codec:
    return Codec.load(folder)


@pytest.fixture(scope="module")
def edits(codec: Codec) -> list[Edit]:
    return [_edit(codec, name, *change) for name, change in FILES.items()]


def _edit(codec: Codec, name: str, old: str, new: str) -> Edit:
    original = (ROOT / name).read_text()
    before, _, after = original.rpartition(old)
    merged = before + new + after
    line = before.count("\n")
    shown = "\n".join(merged.splitlines()[line - 2 : line + 1])
    update = f"# ... existing code ...\n{shown}\n# ... existing code ...\n"
    prompt = codec.encode_parts(template("fastapply").parts(ApplyRequest(original, update, path=name)))
    return Edit(prompt, Sources(*map(codec.encode, (original, update, merged))))


@pytest.fixture(scope="module")
def engine(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with running(folder, tmp_path_factory.mktemp("vllm") / "log") as started:
        yield started


@pytest.fixture(scope="module")
def plain(engine: Engine, edits: list[Edit]) -> list[Written]:
    engine.write(edits[0].prompt, 2)  # the first request costs extra
    return [engine.write(edit.prompt, COUNT) for edit in edits]


@pytest.mark.parametrize("drafter", ["merge", "two-cursor", "original", "suffix", "none"])
def test_drafts_change_the_speed_and_nothing_else(
    drafter: str, engine: Engine, edits: list[Edit], plain: list[Written]
) -> None:
    for edit, slow in zip(edits, plain, strict=True):
        fast = engine.write(edit.prompt, COUNT, drafter, edit.sources)
        assert fast.tokens == slow.tokens
        drafted, accepted = fast.drafts["num_draft_tokens"], fast.drafts["num_accepted_draft_tokens"]
        print(f"{drafter}: {accepted}/{drafted} accepted, {slow.seconds / fast.seconds:.1f}x")
        # Found again after every miss: these outputs leave their sources more than once.
        assert accepted > COUNT / 2 if drafter != "none" else not drafted


def test_copied_files_are_accepted_and_fast(engine: Engine, edits: list[Edit], plain: list[Written]) -> None:
    slow_seconds = fast_seconds = 0.0
    copies = drafted = accepted = 0
    for edit, slow in zip(edits, plain, strict=True):
        pairs = zip(slow.tokens, edit.sources.candidate, strict=False)
        length = next((i for i, (a, b) in enumerate(pairs) if a != b), len(slow.tokens))
        if length < COPIED:
            continue
        copies += 1
        copy = engine.write(edit.prompt, length)
        fast = engine.write(edit.prompt, length, "merge", edit.sources)
        assert fast.tokens == copy.tokens == slow.tokens[:length]
        drafted += fast.drafts["num_draft_tokens"]
        accepted += fast.drafts["num_accepted_draft_tokens"]
        slow_seconds, fast_seconds = slow_seconds + copy.seconds, fast_seconds + fast.seconds
    print(f"{copies} copies: {accepted}/{drafted} accepted, {slow_seconds / fast_seconds:.1f}x over plain")
    assert copies >= 2
    assert accepted / drafted > 0.95
    assert slow_seconds / fast_seconds > 3


def test_requests_at_once_with_and_without_drafts(engine: Engine, edits: list[Edit], plain: list[Written]) -> None:
    wrong = Sources([1] * 50, [2] * 50, [49_151, 50_000, 1])
    asked: list[tuple[int, str, Sources | None]] = []
    for number, edit in enumerate(edits):
        asked += [(number, "merge", edit.sources), (number, "", None)]
    asked += [(0, "merge", wrong), (1, "unknown", edits[1].sources), (2, "merge", Sources([-1], [], []))]
    with ThreadPoolExecutor(len(asked)) as pool:
        found = list(pool.map(lambda one: engine.write(edits[one[0]].prompt, COUNT, *one[1:]), asked))
    for (number, drafter, sources), written in zip(asked, found, strict=True):
        assert written.tokens == plain[number].tokens
        with_drafts = drafter == "merge" and sources is edits[number].sources
        assert (written.drafts.get("num_accepted_draft_tokens", 0) > 0) == with_drafts


def test_serve_drives_it_and_chooses_as_the_local_model_does(
    engine: Engine, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cli = Cli(tmp_path, tmp_path_factory.mktemp("config"))
    tasks = [*standard_tasks()[:3], *doubtful(2)]
    write_tasks(tasks, tmp_path / "tasks.jsonl")
    # In every case: `vllm` is always asked.
    done = cli.run("apply", "--batch", "tasks.jsonl", "--out", "local.jsonl", "--mode", "judge")
    assert done.status in (0, 3), done.err
    local = [json.loads(line) for line in (tmp_path / "local.jsonl").read_text().splitlines()]
    keys = ("original", "update", "instruction", "language")
    bodies = [{key: getattr(task, key) for key in keys} for task in tasks]
    with serving(tmp_path, "--backend", "vllm", "--base-url", engine.url) as server, ThreadPoolExecutor(3) as pool:
        found = [answer.json() for answer in pool.map(lambda body: server.ask("POST", "/v1/apply", body), bodies)]
    for task, here, there in zip(tasks, local, found, strict=True):
        assert (there["text"], there["status"]) == (here["text"], here["status"]), task.id
        assert there["text"] == task.expected
        assert there["confidence"] == pytest.approx(here["confidence"], abs=0.05)  # bfloat16 here, float32 there


def test_writing_freely_through_the_command_line(engine: Engine, tmp_path: Path, cli: Cli) -> None:
    cli.write("area.py", "import os\n\n\ndef area(r):\n    return 3 * r * r\n")
    update = cli.write("update.py", "def area(r):\n    return 3.14159 * r * r\n")
    options = ("--backend", "vllm", "--base-url", engine.url, "--format", "json")
    env = {"FASTAPPLY_GUIDE_STRENGTH": "0"}
    fast = cli.run("apply", "area.py", "--update", update, *options, env=env)
    slow = cli.run("apply", "area.py", "--update", update, "--plain", *options, env=env)
    assert fast.status in (0, 3), fast.err
    first, second = json.loads(fast.out), json.loads(slow.out)
    assert first["text"] == second["text"]
    assert first["stats"]["accepted_tokens"] > 0 == second["stats"]["drafted_tokens"]
    assert first["stats"]["forward_passes"] < second["stats"]["forward_passes"]
    missing = cli.run("apply", "area.py", "--update", update, *options, "--model", "other")
    assert (missing.status, "has no model `other`; it has: fastapply-135m" in missing.err) == (1, True)


def test_tensor_parallel(
    folder: Path, edits: list[Edit], plain: list[Written], tmp_path_factory: pytest.TempPathFactory
) -> None:
    padded = tmp_path_factory.mktemp("padded")
    pad_heads(folder, padded / MODEL, kv_heads=4)  # 9 heads over 3 cannot be divided by two
    each_a_core = {"VLLM_CPU_OMP_THREADS_BIND": "0|1"}
    with running(padded / MODEL, padded / "log", "--tensor-parallel-size", "2", **each_a_core) as parallel:
        assert "tensor_parallel_size=2" in (padded / "log").read_text()
        for edit, alone in zip(edits, plain, strict=True):
            slow = parallel.write(edit.prompt, COUNT)
            fast = parallel.write(edit.prompt, COUNT, "merge", edit.sources)
            assert fast.tokens == slow.tokens == alone.tokens
            assert fast.drafts["num_accepted_draft_tokens"] > COUNT / 2
            print(f"two processes: {slow.seconds / fast.seconds:.1f}x")
