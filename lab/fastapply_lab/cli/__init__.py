"""The command `fastapply-lab`. Its commands are plugged into `fastapply`, too."""

from __future__ import annotations

from fastapply import program


def main() -> None:
    """Run the command line of this process and exit."""
    program.main("fastapply-lab", _load)


def _load() -> program.CommandLine:
    from fastapply_lab.cli.app import app

    return app
