"""`python -m fastapply` runs the command `fastapply`."""

from __future__ import annotations

from fastapply.cli import main

main()
