"""These tests need llama-cpp-python, which is built from source: `make test-llamacpp` does that and runs them."""

from __future__ import annotations

import importlib.util

collect_ignore_glob = [] if importlib.util.find_spec("llama_cpp") else ["test_*.py"]
