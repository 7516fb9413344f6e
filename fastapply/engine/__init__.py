"""Running the model: token ids and tensors. Importing this package does not import torch."""

from __future__ import annotations

import os

# OpenMP's threads spin while they wait for each other. When other programs run too (an editor, say), a spinning thread
# holds the core that the slowest thread needs, and passes take 2 to 20 times as long (LOG.md). OpenMP reads this
# variable when torch is imported.
os.environ.setdefault("GOMP_SPINCOUNT", "2000")
