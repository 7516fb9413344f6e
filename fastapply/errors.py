"""One parent for every error that a user can meet.

The message of an error is one line: what was wrong, and what to do about it. A front prints it as it stands.
"""

from __future__ import annotations


class FastApplyError(Exception):
    """Parent of all errors raised on purpose. `exit_status` is what the command line ends with."""

    exit_status = 1


class UsageError(FastApplyError):
    """The call itself is wrong: a missing file, an unknown option value, an empty update."""

    exit_status = 2


class RejectedError(FastApplyError):
    """The edit cannot be applied: the update matches nothing, or the file does not fit."""


class TooLongError(RejectedError):
    """What is to be read and written does not fit the model's context."""


class ModelError(FastApplyError):
    """The model cannot be loaded or run: unknown name, no weights, altered weights, not enough memory."""


class FileChangedError(FastApplyError):
    """The file changed between reading and writing; nothing was written."""
