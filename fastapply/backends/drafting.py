"""Find drafters by name: the engine's own, and those that plug in through the entry point group `fastapply.drafters`.

An entry point is named after its drafter. It refers to a function that takes a `Drafting`, loads what the drafter
needs, and returns a `Maker`. It is imported only when the drafter is wanted, because this module also runs inside vLLM,
where few packages are installed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from fastapply.engine.drafts import SOURCED, Drafter, Sources, make_drafter
from fastapply.errors import UsageError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from fastapply.config import Settings
    from fastapply.engine.loader import LoadedModel
    from fastapply.engine.sampling import Sampling
    from fastapply.prompt import Codec

GROUP = "fastapply.drafters"
COMPUTED = ("heads", "model")  # plugged in by fastapply itself; they run models, the cheapest first
COMPARED = ("original", "two-cursor", "cascade")  # plugged in by the laboratory, for comparison
DRAFTERS = (*SOURCED, *COMPUTED, *COMPARED)


class Local(NamedTuple):
    """A model in this process, for drafters that run models."""

    model: LoadedModel
    settings: Settings
    codec: Codec


class Output(NamedTuple):
    """One output to draft, which follows `prompt`. `capacity`: the most tokens in prompt and output together.
    `sampling`: how the model chooses; None means greedily."""

    sources: Sources
    prompt: Sequence[int] = ()
    capacity: int = 0
    sampling: Sampling | None = None


Maker: TypeAlias = Callable[[Output], Drafter]


class Drafting:
    """Makes drafters for the outputs of one model."""

    def __init__(self, local: Local | None = None) -> None:
        """`local` is None where the model runs in another process."""
        self.local = local
        self._makers: dict[str, Maker] = {}

    def make(self, name: str, output: Output) -> Drafter:
        """Raises as `maker` does."""
        return self.maker(name)(output)

    def maker(self, name: str) -> Maker:
        """A maker of the drafters called `name`. The first call loads what they need.

        Raises:
            ModelError: what the drafter needs cannot be loaded.
            UsageError: the name is unknown, its package is missing or broken, or it needs a model in this process.
        """
        if name not in self._makers:
            self._makers[name] = self._new_maker(name)
        return self._makers[name]

    def here(self, name: str) -> Local:
        """The model in this process, for the drafter `name`. Raises UsageError if there is none."""
        if self.local is None:
            raise UsageError(f"the drafter `{name}` needs --backend local; there are also: {', '.join(SOURCED)}")
        return self.local

    def _new_maker(self, name: str) -> Maker:
        if name in SOURCED:
            return lambda output: make_drafter(name, output.sources)
        if name in COMPUTED:
            self.here(name)  # raises before torch is imported
        plugged: Callable[[Drafting], Maker] = _load(_entry_point(name))
        return plugged(self)


def check_drafter(name: str) -> None:
    """Raise UsageError if there is no such drafter or its package is missing."""
    if name not in SOURCED:
        _entry_point(name)


def _entry_point(name: str) -> EntryPoint:
    from importlib.metadata import entry_points  # slow to import

    found = next(iter(entry_points(group=GROUP, name=name)), None)
    if found is not None:
        return found
    if name in COMPARED:
        raise UsageError(
            f"the drafter `{name}` comes with the laboratory, which is not installed: pip install ./lab, in a clone of "
            "the repository"
        )
    if name in COMPUTED:
        raise UsageError(f"the drafter `{name}` is not registered here: install fastapply again")
    raise UsageError(f"unknown drafter `{name}`; there are: {', '.join(DRAFTERS)}")


def _load(entry: EntryPoint) -> Any:
    try:
        return entry.load()
    except (ImportError, AttributeError) as error:
        raise UsageError(f"the drafter `{entry.name}` cannot be loaded: {error}") from error
