"""atheris on the tests of `test_fuzz.py`: `python tests/fuzz/run.py SECONDS [NAME ...]`, or `make fuzz`.

Each target is a process of its own; coverage guides it to inputs of hypothesis that take new ways through our code.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = ["fastapply.text", "fastapply.align", "fastapply.http", "fastapply.applier"]
TARGETS = ("markers", "wrapping", "cleaning", "formats", "tags", "bytes", "applier", "checks")


def fuzz(name: str, seconds: str) -> None:
    import atheris

    sys.path.insert(0, str(ROOT))
    with atheris.instrument_imports(include=OURS):
        from tests.fuzz import test_fuzz
    one = getattr(test_fuzz, f"test_{name}").hypothesis.fuzz_one_input
    limits = [f"-max_total_time={seconds}", "-max_len=4096", "-len_control=0", "-timeout=60", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *limits], one)
    atheris.Fuzz()


def main() -> int:
    seconds, *names = sys.argv[1:]
    if os.environ.get("FASTAPPLY_FUZZ"):
        fuzz(names[0], seconds)
        return 0
    failed = 0
    for name in names or TARGETS:
        print(f"== {name}, {seconds} s", flush=True)
        environment = {**os.environ, "FASTAPPLY_FUZZ": "1"}
        done = subprocess.run(
            [sys.executable, __file__, seconds, name], env=environment, stderr=subprocess.PIPE, text=True, check=False
        )
        lines = done.stderr.splitlines()
        shown = [line for line in lines if line.startswith(("stat::number_of", "stat::average"))]
        print("\n".join(shown if done.returncode == 0 else lines[-60:]), flush=True)
        failed += done.returncode != 0
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
