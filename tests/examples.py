"""How many examples a property test takes: all, or the share in `FASTAPPLY_EXAMPLES`, as `make quick` sets it."""

from __future__ import annotations

import os

from hypothesis import settings

SHARE = float(os.environ.get("FASTAPPLY_EXAMPLES", "1"))


def examples(most: int) -> settings:
    return settings(max_examples=max(5, round(most * SHARE)))
