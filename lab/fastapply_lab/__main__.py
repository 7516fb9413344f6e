"""`python -m fastapply_lab` runs the command `fastapply-lab`."""

from __future__ import annotations

from fastapply_lab.cli import main

main()
