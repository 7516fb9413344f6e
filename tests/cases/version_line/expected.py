"""A package."""

__version__ = "1.1.0"
__all__ = ["run"]

from .core import run
