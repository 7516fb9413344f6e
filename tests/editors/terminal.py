"""A program in a terminal: keys go in, the screen comes out, as text or as a picture."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import pyte
from rich.color import Color
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import MONOKAI
from rich.text import Text

SECONDS = 120.0


class Terminal:
    def __init__(self, command: Sequence[str], folder: Path, env: Mapping[str, str], size: tuple[int, int]) -> None:
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        self._lock = threading.Lock()
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        kinds = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env={**env, **kinds},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 65536)
            except OSError:  # the program has ended
                return
            # pyte knows colours only with semicolons, and takes what it does not know for text.
            data = re.sub(rb"\x1b\[[0-9:;]*m", lambda found: found[0].replace(b":", b";"), data)
            data = re.sub(rb"\x1b\[[>=?][0-9;]*[mu]|\x1b\[[0-9;]*\$p|\x1b\[[0-9]* q|\x1bP.*?\x1b\\", b"", data)
            with self._lock:
                self._stream.feed(data)

    def keys(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def rows(self) -> list[str]:
        with self._lock:
            return [row.rstrip() for row in self.screen.display]

    def wait(self, done: Callable[[str], object]) -> str:
        """Wait until the screen's text pleases; return it."""
        deadline = time.monotonic() + SECONDS
        while not done(text := "\n".join(self.rows())):
            assert time.monotonic() < deadline, text
            assert self.process.poll() is None, text
            time.sleep(0.02)
        return text

    def settle(self, seconds: float = 1.0) -> None:
        """Wait until nothing has changed for a while: a screen is drawn in many pieces."""
        before, since = self.rows(), time.monotonic()
        while time.monotonic() - since < seconds:
            time.sleep(0.05)
            if (now := self.rows()) != before:
                before, since = now, time.monotonic()

    def style(self, row: int, column: int) -> Style:
        with self._lock:
            return _style(self.screen.buffer[row][column])

    def picture(self) -> list[Text]:
        """The rows in colour."""
        with self._lock:
            rows = []
            for number in range(self.screen.lines):
                cells = [self.screen.buffer[number][column] for column in range(self.screen.columns)]
                runs = groupby(cells, _style)
                rows.append(Text.assemble(*(("".join(cell.data for cell in run), style) for style, run in runs)))
            return rows

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)


def _style(cell: pyte.screens.Char) -> Style:
    def color(name: str) -> Color | None:
        if name == "default":
            return None
        name = name.replace("brown", "yellow")
        return Color.parse(f"#{name}" if re.fullmatch("[0-9a-f]{6}", name) else re.sub("^bright", "bright_", name))

    return Style(
        color=color(cell.fg),
        bgcolor=color(cell.bg),
        bold=cell.bold,
        italic=cell.italics,
        underline=cell.underscore,
        reverse=cell.reverse,
    )


def save_svg(rows: Sequence[Text], path: Path, title: str) -> None:
    console = Console(record=True, width=max(row.cell_len for row in rows), file=open(os.devnull, "w"))  # noqa: SIM115
    for row in rows:
        console.print(row, no_wrap=True, overflow="crop", soft_wrap=True)
    console.save_svg(str(path), title=title, theme=MONOKAI)
