"""`python -m fastapply_lsp` is the command `fastapply lsp`."""

from __future__ import annotations

import sys

from fastapply.cli import run

sys.exit(run(["lsp", *(argument for argument in sys.argv[1:] if argument != "--debug")], debug="--debug" in sys.argv))
