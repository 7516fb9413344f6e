"""Examine this installation: packages, weights, devices and speed. Changes nothing."""

from __future__ import annotations

import os
import platform
import re
import shutil
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from fastapply import __version__
from fastapply.config import EMBEDDED_MODEL, Settings, config_file
from fastapply.engine.weights import (
    BASE_PACKAGE,
    BASE_VERSION,
    adapter_folder,
    cached_folder,
    installed_base,
    is_intact,
)
from fastapply.errors import FastApplyError

NEEDED = (
    "torch",
    "transformers",
    "tree-sitter",
    "tree-sitter-language-pack",
    "python-Levenshtein",
    "safetensors",
    "gguf",
)
NOT_FOR_USERS = frozenset({"dev"})  # extras for developers of this package
BLOCKS = (8, 64, 256)  # tokens
PREFILL_BLOCK = 512  # tokens
LEAST_MEMORY = 1 << 30  # bytes; the embedded model in float32 with its cache
LEAST_DISK = 1 << 30  # bytes; the base weights and, during conversion, two copies of the result

Section = dict[str, Any]
_EXTRA = re.compile(r"extra == ['\"]([^'\"]+)['\"]")


@dataclass
class Report:
    """Facts by section, in order of interest; problems that must be fixed; and missing parts that are optional."""

    sections: dict[str, Section] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {"ok": not self.problems, **self.sections, "problems": self.problems, "missing": self.missing}


def examine(settings: Settings) -> Report:
    """A report on this installation. Never raises FastApplyError: problems are in the report."""
    report = Report()
    report.sections["installed"] = _installed(report)
    report.sections["settings"] = _settings(settings)
    report.sections["machine"] = _machine(settings, report)
    report.sections["model"] = _model(settings, report)
    if settings.model == "none":
        return report
    folder = report.sections["model"]["folder"] if settings.model == EMBEDDED_MODEL else settings.model
    try:
        report.sections["device"] = _device(settings)
        if folder and report.sections["model"]["state"] in ("complete", "not checked"):
            report.sections["speed"] = _speed(folder, settings)
    except FastApplyError as error:
        report.problems.append(str(error))
    return report


def _installed(report: Report) -> Section:
    found: Section = {"fastapply": __version__, "python": platform.python_version(), "system": platform.platform()}
    for name in NEEDED:
        found[name] = _version(name)
        if found[name] is None:
            report.problems.append(f"{name} is not installed: pip install fastapply")
    known = extras()
    if not known:
        report.missing.append("fastapply runs from its source, so its extras are unknown: pip install it")
    for extra, needed in known.items():
        absent = [name for name in needed if not _fits(name)]
        found[f"extra {extra}"] = not absent
        if absent:
            names = ", ".join(requirement.name for requirement in absent)
            report.missing.append(f"the extra {extra} needs {names}: pip install 'fastapply[{extra}]'")
    return found


def extras() -> dict[str, list[Requirement]]:
    """The requirements of each extra of this package. Empty if the package itself is not installed."""
    try:
        said = [Requirement(line) for line in requires("fastapply") or ()]
    except PackageNotFoundError:
        return {}
    found: dict[str, list[Requirement]] = {}
    for requirement in said:
        for extra in _EXTRA.findall(str(requirement.marker or "")):
            here = requirement.marker is not None and requirement.marker.evaluate({"extra": extra})
            if here and extra not in NOT_FOR_USERS:
                found.setdefault(extra, []).append(requirement)
    return found


def _fits(requirement: Requirement) -> bool:
    """Whether a suitable version is installed."""
    found = _version(requirement.name)
    return found is not None and requirement.specifier.contains(found, prereleases=True)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _settings(settings: Settings) -> Section:
    file = config_file()
    return {
        "file": str(file) if file.exists() else f"{file} (not there: defaults)",
        "variables": sorted(name for name in os.environ if name.startswith("FASTAPPLY_")),
        "drafter": settings.drafter,
        "cache folder": str(settings.cache_dir),
    }


def _machine(settings: Settings, report: Report) -> Section:
    import psutil

    folder = _existing(settings.cache_dir)
    memory, disk = psutil.virtual_memory().available, shutil.disk_usage(folder).free
    if memory < LEAST_MEMORY:
        report.problems.append(f"only {size(memory)} of memory is free; the model needs about {size(LEAST_MEMORY)}")
    if disk < LEAST_DISK:
        report.problems.append(f"only {size(disk)} is free in {folder}; building the weights needs {size(LEAST_DISK)}")
    if not os.access(folder, os.W_OK):
        report.problems.append(f"{folder} cannot be written: set FASTAPPLY_CACHE_DIR to a folder that can")
    return {"cores": os.cpu_count(), "memory free": size(memory), "disk free": size(disk)}


def _existing(folder: Path) -> Path:
    """`folder`, or else its closest parent that exists."""
    return next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())


def _model(settings: Settings, report: Report) -> Section:
    if settings.model != EMBEDDED_MODEL:
        return {"name": settings.model, "folder": None, "state": "not checked"}
    adapter = adapter_folder()
    base = installed_base()
    section: Section = {"name": EMBEDDED_MODEL, "base": str(base or f"{BASE_PACKAGE} {BASE_VERSION}, to be fetched")}
    if not (adapter / "adapter_model.safetensors").exists():
        report.problems.append(f"the adapter is missing in {adapter}: reinstall fastapply")
        return {**section, "folder": None, "state": "no adapter"}
    folder = cached_folder(settings.cache_dir, adapter)
    if folder is None:
        report.missing.append("the weights are not built yet: `fastapply model pull` or the first apply builds them")
        return {**section, "folder": None, "state": "not built yet"}
    intact = is_intact(folder)
    if not intact:
        report.problems.append(f"the weights in {folder} are damaged: `fastapply model pull` builds them again")
    held = sum(path.stat().st_size for path in folder.iterdir())
    return {**section, "folder": str(folder), "size": size(held), "state": "complete" if intact else "damaged"}


def _device(settings: Settings) -> Section:
    """The device and dtype in use. Raises ModelError if the chosen device is not available."""
    import torch

    from fastapply.engine.loader import choose_device, choose_dtype

    device = choose_device(settings.device)
    dtype = choose_dtype(settings.dtype, device)
    if settings.threads:
        torch.set_num_threads(settings.threads)
    cuda, half = device.type == "cuda", dtype is torch.bfloat16
    why = f"the {device.type} supports it" if half else f"the {device.type} does not support bfloat16"
    return {
        "device": _why(str(device), settings.device, "the best one here"),
        "name": torch.cuda.get_device_name(device) if cuda else platform.processor() or platform.machine(),
        "dtype": _why(str(dtype).removeprefix("torch."), settings.dtype, why),
        "threads": _why(str(torch.get_num_threads()), str(settings.threads or "auto"), "as torch chooses"),
    }


def _why(chosen: str, wanted: str, reason: str) -> str:
    return f"{chosen} ({reason if wanted == 'auto' else 'as set'})"


def _speed(folder: str, settings: Settings) -> Section:
    """The measured speed of the model. Raises ModelError if it cannot be loaded."""
    from fastapply.engine.loader import load_model
    from fastapply.engine.speed import block_seconds

    model = load_model(folder, settings)
    speed: Section = {"prefill tokens/s": round(PREFILL_BLOCK / block_seconds(model, PREFILL_BLOCK, repeats=1))}
    for tokens in BLOCKS:
        speed[f"block of {tokens}, ms"] = round(1000 * block_seconds(model, tokens, context=PREFILL_BLOCK), 1)
    return speed


def size(count: float) -> str:
    """A number of bytes in a readable unit."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
