"""fastapply: the open fast-apply engine. `import fastapply` is cheap: torch is loaded with the first model."""

from __future__ import annotations

__version__ = "0.1.0"
