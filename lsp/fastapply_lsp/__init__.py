"""The language server of fastapply: it streams rewrites as workspace edits. Read `server.py` first."""

from __future__ import annotations
