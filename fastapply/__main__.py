"""`python -m fastapply` is the command `fastapply`."""

from __future__ import annotations

from fastapply.cli import main

main()
