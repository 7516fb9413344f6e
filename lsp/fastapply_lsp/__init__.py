"""The language server of fastapply: streaming rewrites as workspace edits. `server.py` is the file to read first."""

from __future__ import annotations
