"""What one edit costs in files of 300 to 10,000 lines, and of 1 MB: seconds, memory, and a picture.

    python tests/big/cost_by_length.py --json docs/big_files.json --plot docs/big_files.png

Each figure comes from a process of its own, which applies the same edit once to warm up and then several times to
fresh files; the least counts, since other work on the machine can only add. The picture shows CPU seconds, which other
work disturbs least. Memory is the peak of that process.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

from big_sources import Source, make_source

LENGTHS = (300, 1000, 3000, 10_000, 34_000)  # the last is 1 MB of Python
LANGUAGE = "python"
MODELS = {"none": "alignment alone", "embedded": "with the embedded model"}


def edit(source: Source) -> str:
    """The same for all lengths: one line into the only method of its kind, in the middle."""
    desk = source.desks[len(source.desks) // 2]
    method = desk.methods[4]
    method.body, method.names = source.style.bodies[0], {**method.names, "name": "audited", "thing": "parcel"}
    method.names |= {"noun": "parcel", "limit": "77"}
    return desk.names["number"]


def request_of(language: str, lines: int, seed: int) -> tuple[str, str, str, str]:
    """Original, update, expected text and path."""
    source = make_source(language, lines, seed)
    edit(source)
    method = source.desks[len(source.desks) // 2].methods[4]
    original = source.text
    method.guarded = True
    marker = source.style.marker
    update = f"{marker}\n{''.join(method.lines[: method.limit_line + 3])}        {marker}\n"
    return original, update, source.text, f"desk.{source.style.suffix}"


def child(language: str, lines: int, model: str, repeats: int) -> str:
    """Seconds, CPU seconds, peak memory in MB, bytes of the file, and whether every result was exact."""
    from fastapply.applier import Applier
    from fastapply.types import ApplyRequest

    backend = None
    if model != "none":
        from fastapply.backends.local import LocalBackend
        from fastapply.config import load_settings

        backend = LocalBackend.load(load_settings())
    applier = Applier(backend)
    seconds, cpu, exact, size = list[float](), list[float](), True, 0
    for seed in range(repeats + 1):
        original, update, expected, path = request_of(language, lines, seed)
        started, used = time.perf_counter(), time.process_time()
        result = applier.apply(ApplyRequest(original, update, path=path))
        seconds.append(time.perf_counter() - started)
        cpu.append(time.process_time() - used)
        exact &= result.text == expected
        size = len(original)
    return f"{min(seconds[1:]):.3f} {min(cpu[1:]):.3f} {peak_memory():.0f} {size} {exact}"


def peak_memory() -> float:
    """Of this process, in MB. (`getrusage` would count its parent too, up to the exec.)"""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return next(int(line.split()[1]) / 1024 for line in status.read_text().splitlines() if line.startswith("VmHWM"))


def measure(lines: int, model: str, repeats: int) -> dict[str, Any]:
    command = [sys.executable, __file__, "--child", LANGUAGE, str(lines), model, "--repeats", str(repeats)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, cpu, memory, size, exact = done.stdout.split()
    return {
        "lines": lines,
        "model": model,
        "seconds": float(seconds),
        "cpu_seconds": float(cpu),
        "memory_mb": int(memory),
        "bytes": int(size),
        "exact": exact == "True",
    }


def draw(rows: list[dict[str, Any]], path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    for model, label in MODELS.items():
        own = [row for row in rows if row["model"] == model]
        lines = [row["lines"] for row in own]
        left.plot(lines, [row["cpu_seconds"] for row in own], marker="o", label=label)
        right.plot(lines, [row["memory_mb"] for row in own], marker="o", label=label)
    for axes, what in ((left, "CPU seconds for one edit"), (right, "peak memory, MB")):
        axes.set(xscale="log", xlabel="lines of the file", title=what)
        axes.set_xticks(LENGTHS, [f"{length:,}" for length in LENGTHS], fontsize=8)
        axes.minorticks_off()
        axes.set_ylim(bottom=0)
        axes.spines[["top", "right"]].set_visible(False)
    left.legend(frameon=False)
    figure.savefig(path, dpi=150)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--child", nargs=3, metavar=("LANGUAGE", "LINES", "MODEL"), help="one figure, in this process")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path)
    asked = parser.parse_args()
    if asked.child:
        language, lines, model = asked.child
        print(child(language, int(lines), model, asked.repeats))
        return
    rows = []
    for model in MODELS:
        for lines in LENGTHS:
            rows.append(measure(lines, model, asked.repeats))
            print(json.dumps(rows[-1]), flush=True)
    if asked.json:
        machine = platform.processor() or platform.machine()
        asked.json.write_text(
            json.dumps({"date": date.today().isoformat(), "machine": machine, "rows": rows}, indent=1)
        )
    if asked.plot:
        draw(rows, asked.plot)


if __name__ == "__main__":
    main()
