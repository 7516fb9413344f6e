"""`fastapply doctor`."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer
from rich.text import Text

from fastapply.cli import options
from fastapply.cli.preview import make_console
from fastapply.cli.terminal import ADDED, DOUBT, REMOVED, print_sentence


@options.spread
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False, *, asked: options.DeviceOptions
) -> int:
    """Show what is installed, where the weights are, what they run on, how fast, and what needs fixing.

    Example: fastapply doctor

    Exit status: 1 if something that is needed is broken.
    """
    from fastapply.doctor import examine

    settings = asked.settings()
    status = make_console(sys.stderr)
    if status.is_terminal:
        with status.status("looking and measuring"):
            report = examine(settings)
    else:
        report = examine(settings)
    if as_json:
        print(json.dumps(report.to_json(), indent=1))
        return 1 if report.problems else 0
    console = make_console(sys.stdout)
    for name, section in report.sections.items():
        console.print(Text(name, style="bold"))
        for key, value in section.items():
            if value is None and name != "installed":
                continue  # not applicable, rather than missing
            console.print(f"  {key:26} {_shown(value)}")
    for problem in report.problems:
        print_sentence(console, Text(f"problem: {problem}", style=f"bold {REMOVED}"), hang=2)
    for missing in report.missing:
        print_sentence(console, Text(f"missing: {missing}", style=DOUBT), hang=2)
    if report.missing and not report.problems:
        console.print("nothing is broken; what is missing is needed only by those who use it")
    elif not report.problems:
        console.print(Text("all is well", style=f"bold {ADDED}"))
    return 1 if report.problems else 0


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return (
        {None: "missing", True: "yes", False: "no"}.get(value, str(value))
        if value in (None, True, False)
        else str(value)
    )
