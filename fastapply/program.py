"""Running a command line: every error is one line on standard error and an exit status; no traceback unless `--debug`.

Exit status: 0 applied, 3 needs review, 1 rejected or failed, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import gc
import os
import re
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from fastapply.errors import FastApplyError

INTERRUPTED = 130  # 128 + SIGINT, as shells count
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
PIPE_CLOSED = 141  # 128 + SIGPIPE

CommandLine = Callable[..., Any]  # as typer makes them


def main(program: str, load: Callable[[], CommandLine]) -> None:
    """Run the command line of this process and exit. `load` imports and returns the commands of `program`."""
    arguments = sys.argv[1:]
    debug = "--debug" in arguments  # wherever it stands, and before anything is parsed
    arguments = [argument for argument in arguments if argument != "--debug"]
    status = run(arguments, program, load, debug=debug)
    gc.freeze()  # nobody needs the garbage of a process that ends, and with torch looking for it takes a second
    sys.exit(status)


def run(arguments: list[str], program: str, load: Callable[[], CommandLine], *, debug: bool = False) -> int:
    """Run one command and return its exit status. With `debug`, errors come with their traceback."""
    try:
        try:
            _keep_libraries_quiet(debug)
            # Here, so that Ctrl-C while modules are being imported is caught as well; the engine before any torch.
            import fastapply.engine  # noqa: F401

            status = load()(arguments, prog_name=program, standalone_mode=False)
            sys.stdout.flush()
        except Exception as error:
            if debug and not isinstance(error, BrokenPipeError):
                traceback.print_exception(error)
            return _report(error, program)
    except KeyboardInterrupt:
        status = INTERRUPTED
    except SystemExit:  # what the parser and the console make of a closed pipe
        return _pipe_closed()
    if status == INTERRUPTED:
        _say("interrupted; nothing was written")
    return int(status or 0)


def _report(error: Exception, program: str) -> int:
    """Print an error's one line; the exit status that goes with it."""
    if isinstance(error, BrokenPipeError):
        return _pipe_closed()
    if isinstance(error, FastApplyError):
        _say(f"error: {_one_line(str(error))}")
        return error.exit_status
    if isinstance(error, OSError):  # a full disk, a standard stream that is closed
        _say(f"error: {_one_line(str(error))}")
        return 1
    # The parser's own errors. Its module has moved between versions, so they are told by what they can do.
    wrong_usage = getattr(error, "format_message", None)
    if wrong_usage is not None:
        if type(error).__name__ == "NoArgsIsHelpError":  # no command at all; its message is the help, if not yet shown
            print(wrong_usage(), end="\n" if wrong_usage() else "")
        else:
            _say(f"error: {_one_line(wrong_usage())} (see {program} --help)")
        return 2
    _say(f"error: {type(error).__name__}: {_one_line(str(error))} (a bug: please report it with what --debug prints)")
    return 1


def _pipe_closed() -> int:
    """Nobody reads any more (`| head`): the interpreter must not try again to flush what is left."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)
    return PIPE_CLOSED


def _say(sentence: str) -> None:
    with suppress(OSError):
        print(f"fastapply: {sentence}", file=sys.stderr, flush=True)


def _one_line(text: str) -> str:
    """The text without line ends and without control characters, which file names in an update may hold."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", " ".join(text.split()))


def _keep_libraries_quiet(debug: bool) -> None:
    """What torch, transformers and their friends have to say is not for the user of this program."""
    if debug:
        return
    import warnings

    warnings.simplefilter("ignore")
    for name, value in {
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_VERBOSITY": "error",
        "TRANSFORMERS_VERBOSITY": "error",
        "TORCH_CPP_LOG_LEVEL": "ERROR",
        "TOKENIZERS_PARALLELISM": "false",
        "TQDM_DISABLE": "1",
    }.items():
        os.environ.setdefault(name, value)
