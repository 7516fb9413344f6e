"""These tests need vLLM, 3.5 GB in an environment of its own: `make test-vllm` makes it and runs them."""

from __future__ import annotations

import os

collect_ignore_glob = [] if "FASTAPPLY_VLLM_PYTHON" in os.environ else ["test_*.py"]
