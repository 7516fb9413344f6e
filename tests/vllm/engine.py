"""vLLM in a process of its own, from an environment of its own (`make test-vllm`), and requests in tokens."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from fastapply.backends.server_api import ServerApi
from fastapply.backends.vllm_plugin.sources import to_xargs
from fastapply.engine.drafts import Sources

PLUGIN = "fastapply.backends.vllm_plugin"
MODEL = "fastapply-135m"
LONGEST_DRAFT = 127
READY_SECONDS = 900


class Written(NamedTuple):
    """What vLLM wrote, what it said of the drafts, and how long it took."""

    tokens: list[int]
    drafts: dict[str, Any]
    seconds: float


class Engine:
    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/v1"
        self.api = ServerApi(self.url, MODEL, None, 300.0, 1)

    def write(self, prompt: list[int], count: int, drafter: str = "", sources: Sources | None = None) -> Written:
        """`count` tokens at most. Without a drafter the request says nothing of drafts."""
        required: dict[str, Any] = {
            "prompt": prompt,
            "max_tokens": count,
            "temperature": 0,
            "return_token_ids": True,
            "stream_options": {"include_usage": True},
        }
        if sources is not None:
            required["vllm_xargs"] = to_xargs(drafter, sources)
        started = time.perf_counter()
        answers = list(self.api.stream("completions", required, {}))
        seconds = time.perf_counter() - started
        drafts = next((answer.metrics for answer in answers if answer.metrics), {})
        tokens = [token for answer in answers for token in answer.tokens or ()]
        return Written(tokens, drafts.get("speculative_decoding", {}), seconds)


@contextmanager
def running(folder: Path, log: Path, *arguments: str, **env: str) -> Iterator[Engine]:
    """vLLM with the plugin, in float32, until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    speculation = {
        "method": "custom_class",
        "model": f"{PLUGIN}.proposer.NullProposer",
        "num_speculative_tokens": LONGEST_DRAFT,
    }
    command = [os.environ["FASTAPPLY_VLLM_PYTHON"], "-m", "vllm.entrypoints.openai.api_server"]
    command += ["--model", str(folder), "--served-model-name", MODEL, "--host", "127.0.0.1", "--port", str(port)]
    command += ["--dtype", "float32", "--speculative-config", json.dumps(speculation)]
    command += ["--scheduler-cls", f"{PLUGIN}.scheduler.EditScheduler"]
    command += ["--per-request-spec-decode-metrics", "summary", *arguments]
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}  # the installed plugin
    kept |= {"VLLM_USE_V2_MODEL_RUNNER": "0", "VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_NO_USAGE_STATS": "1"}
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, env={**kept, **env}, stdout=out, stderr=out, cwd=log.parent, start_new_session=True
        )
    try:
        _wait(port, process, log)
        yield Engine(port)
    finally:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=60)
        with suppress(ProcessLookupError):  # workers outlive a killed launcher
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=10):
                return
        except OSError:
            time.sleep(1)
    raise AssertionError(f"vLLM did not start:\n{log.read_text(errors='replace')[-5000:]}")
