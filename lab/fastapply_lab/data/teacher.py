"""A teacher: any OpenAI-compatible model writes the snippet from the file before and after the edit.

An answer is kept only if it leads to the expected file (`readback`); others are dropped and counted. `ServerApi`
handles retries, pauses and the key.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from fastapply.backends.server_api import ServerApi
from fastapply.errors import ModelError
from fastapply.text.diff import unified_diff
from fastapply_lab.data.readback import leads_to
from fastapply_lab.tasks import Task

SYSTEM = """\
You write edit snippets as a coding assistant sends them to a tool that applies them to a file. You get a file and a \
diff of the change that is wanted. Answer with one fenced block: the changed lines as they are after the change, with \
enough unchanged lines around them to find the place, and a comment `... existing code ...` in the file's language for \
every stretch that stays as it is. Show both neighbours of deleted lines without a marker between them. Do not write a \
diff, nor the whole file unless it is short."""
_IN_A_ROW = 10  # consecutive failures after which to give up


@dataclass
class Teacher:
    """Rewrites tasks. `usage` counts answers and tokens so far, and `dropped` the dropped answers by reason."""

    api: ServerApi
    concurrency: int = 8
    usage: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)

    def rewrite(self, tasks: Iterable[Task]) -> Iterator[Task]:
        """The tasks with the teacher's snippets, in order and without those whose answers were dropped.

        Raises ModelError if the server fails at once, or repeatedly.
        """
        failures = 0
        pool = ThreadPoolExecutor(self.concurrency)
        try:
            for task, answer in _in_order(pool, self._ask, tasks, 2 * self.concurrency):
                try:
                    data = answer.result()
                except ModelError:
                    failures += 1
                    if failures == _IN_A_ROW or not self.usage["answers"]:
                        raise
                    self.dropped["no answer"] += 1
                    continue
                failures = 0
                update = self._read(data)
                if update and leads_to(update, task.original, task.expected, task.language):
                    yield replace(task, update=update)
                else:
                    self.dropped["the expected file does not follow" if update else "empty answer"] += 1
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _ask(self, task: Task) -> Any:
        before, after = task.original, task.expected
        diff = unified_diff(before, after, task.path or "file")
        content = f"The file, in {task.language}:\n\n```\n{before}```\n\nThe change:\n\n```diff\n{diff}```\n"
        messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": content}]
        return self.api.ask("chat/completions", {"messages": messages})

    def _read(self, data: Any) -> str:
        """The answer's text, or "" if there is none. Counts its tokens."""
        usage = data.get("usage") or {} if isinstance(data, dict) else {}
        self.usage["answers"] += 1
        for name in ("prompt_tokens", "completion_tokens"):
            self.usage[name] += int(usage.get(name) or 0)
        try:
            text = data["choices"][0]["message"]["content"]
        except (KeyError, IndexError, TypeError):
            return ""
        return f"{text.strip()}\n" if isinstance(text, str) and text.strip() else ""

    def cost(self, prompt_price: float, answer_price: float) -> float:
        """The cost of the tokens so far, at prices for a million of each kind."""
        return (self.usage["prompt_tokens"] * prompt_price + self.usage["completion_tokens"] * answer_price) / 1e6


def _in_order(
    pool: ThreadPoolExecutor, ask: Any, tasks: Iterable[Task], ahead: int
) -> Iterator[tuple[Task, Future[Any]]]:
    """The tasks with their future answers, in order. At most `ahead` requests run at a time."""
    waiting: deque[tuple[Task, Future[Any]]] = deque()
    for task in tasks:
        waiting.append((task, pool.submit(ask, task)))
        if len(waiting) >= ahead:
            yield waiting.popleft()
    yield from waiting
