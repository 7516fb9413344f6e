"""fastapply: the open fast-apply engine. `import fastapply` is cheap: only loading a model imports torch."""

from __future__ import annotations

__version__ = "0.1.0"
