"""The model's side: token ids and tensors. Importing this package loads no torch."""

from __future__ import annotations

import os

# OpenMP's threads spin while they wait for each other. Beside other programs (an editor, say) a thread that spins for
# long takes the core that the awaited one needs: passes then take 2 to 20 times as long (LOG.md). Read with torch.
os.environ.setdefault("GOMP_SPINCOUNT", "2000")
