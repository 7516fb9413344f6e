"""The command `fastapply-lab`. Its commands are plugged into `fastapply`, too."""

from __future__ import annotations

from collections.abc import Callable

from fastapply import cli


def main() -> None:
    """Run the command line of this process and exit."""
    cli.main("fastapply-lab", _load_app)


def _load_app() -> Callable[..., object]:
    from fastapply_lab.cli.app import app

    return app
