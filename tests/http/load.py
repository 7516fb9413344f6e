"""Load on a real server: throughput and latency for several numbers of clients.

    python tests/http/load.py --clients 1,4,16 --seconds 120 [--tasks TASKS.jsonl] [-- --model none]

What stands after `--` goes to `fastapply serve`. Without --tasks the file has 100 lines and the edit one hunk; with
--mixed every other file has 10 lines.
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(Path(__file__).parent)]

from server import Server, running  # noqa: E402

FIELDS = ("original", "update", "instruction", "path", "language")


def one_hunk(count: int = 20) -> list[dict[str, str]]:
    """A file of `count` functions, five lines each, and an edit of one of them."""
    functions = [f"def area_{n}(r):\n    value = {n} * r\n    return value * r\n\n\n" for n in range(count)]
    edit = "def area_1(r):\n    value = 1.5 * r\n    return value * r\n"
    update = f"# ... existing code ...\n\n\n{edit}\n\n# ... existing code ...\n"
    return [{"original": "".join(functions), "update": update, "path": "areas.py"}]


class Load:
    """`clients` that each ask again as soon as they have an answer, with a key of their own."""

    def __init__(self, server: Server, bodies: list[str], clients: int, seconds: float) -> None:
        self.server = server
        self.bodies = bodies
        self.until = time.monotonic() + seconds
        self.started = time.monotonic()
        self.seconds: list[float] = []
        self.outcomes: Counter[str] = Counter()
        threads = [threading.Thread(target=self._client, args=(number,)) for number in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.lasted = time.monotonic() - self.started

    def _client(self, number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=300)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer client-{number}"}
        turn = number
        while time.monotonic() < self.until:
            started = time.perf_counter()
            connection.request("POST", "/v1/apply", self.bodies[turn % len(self.bodies)], headers)
            answer = connection.getresponse()
            body = json.loads(answer.read())
            self.seconds.append(time.perf_counter() - started)
            self.outcomes[body.get("status") or f"HTTP {answer.status}"] += 1
            turn += 1
        connection.close()

    def row(self, clients: int) -> str:
        ordered = sorted(self.seconds)
        p50, p95, p99 = (ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.95, 0.99))
        failed = sum(count for name, count in self.outcomes.items() if name.startswith("HTTP"))
        return (
            f"| {clients} | {len(ordered)} | {failed} | {len(ordered) / self.lasted:.2f} | "
            f"{p50:.2f} | {p95:.2f} | {p99:.2f} | {statistics.fmean(ordered):.2f} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", default="1,4,16")
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--tasks", type=Path)
    parser.add_argument("--mixed", action="store_true")
    parser.add_argument("serve", nargs="*")
    options = parser.parse_args()
    tasks = [json.loads(line) for line in options.tasks.read_text().splitlines()] if options.tasks else one_hunk()
    if options.mixed:
        tasks += one_hunk(2)
    bodies = [json.dumps({name: task[name] for name in FIELDS if name in task}) for task in tasks]
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), *options.serve) as server:
        print("| clients | requests | failed | requests/s | p50 s | p95 s | p99 s | mean s |\n|" + "---|" * 8)
        for clients in map(int, options.clients.split(",")):
            print(Load(server, bodies, clients, options.seconds).row(clients), flush=True)
        print(f"acceptance {server.metric('fastapply_acceptance_ratio'):.3f}")


if __name__ == "__main__":
    main()
