"""The command `fastapply`."""

from __future__ import annotations

from fastapply import program


def main() -> None:
    """Run the command line of this process and exit."""
    program.main("fastapply", _load)


def run(arguments: list[str], *, debug: bool = False) -> int:
    """Run one command and return its exit status. With `debug`, errors come with their traceback."""
    return program.run(arguments, "fastapply", _load, debug=debug)


def _load() -> program.CommandLine:
    from fastapply.cli.app import app

    return app
