"""`fastapply model`: list, fetch, describe and export models."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from fastapply.cli import options
from fastapply.cli.preview import make_console
from fastapply.config import EMBEDDED_MODEL, NO_MODEL, Settings
from fastapply.doctor import size
from fastapply.engine import weights
from fastapply.engine.hub import require_model
from fastapply.errors import ModelError

model_app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode="markdown", help="List, fetch and describe models."
)

Name = Annotated[str, typer.Argument(metavar="[NAME]", help="The embedded model, a folder, or a Hugging Face id.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


@model_app.command("list")
def list_models(as_json: AsJson = False, cache_dir: options.CacheDir = None) -> int:
    """List the models that --model takes here: the embedded one, and those in the Hugging Face cache.

    Example: fastapply model list
    """
    settings = options.make_settings(cache_dir=cache_dir)
    rows = [_embedded(settings, checked=False), *_hub_models()]
    rows.append({"name": NO_MODEL, "state": "alignment alone, without a model"})
    if as_json:
        print(json.dumps(rows, indent=1))
        return 0
    for row in rows:
        held = size(row["bytes"]) if row.get("bytes") else ""
        print(f"{row['name']:40} {held:>8}  {row.get('licence', ''):12} {row['state']}".rstrip())
    return 0


@model_app.command()
def pull(name: Name = EMBEDDED_MODEL, cache_dir: options.CacheDir = None) -> int:
    """Fetch and prepare a model now, so that the first apply need not.

    Example: fastapply model pull
    """
    settings = options.make_settings(cache_dir=cache_dir)
    console = make_console(sys.stderr)
    if name == EMBEDDED_MODEL:
        print(weights.embedded_folder(settings.cache_dir, weights.adapter_folder(), progress=console.print))
        return 0
    if name == NO_MODEL or Path(name).is_dir():
        print(f"{name} needs no fetching")
        return 0
    console.print(f"fetching {name} from Hugging Face")
    print(_fetch_from_hub(name))
    return 0


@model_app.command()
def info(name: Name = EMBEDDED_MODEL, as_json: AsJson = False, cache_dir: options.CacheDir = None) -> int:
    """Show where a model comes from, its licence, its checksums, and whether it is complete.

    Example: fastapply model info
    """
    settings = options.make_settings(cache_dir=cache_dir)
    facts = _embedded(settings, checked=True) if name == EMBEDDED_MODEL else _described(name)
    if as_json:
        print(json.dumps(facts, indent=1))
        return 0
    for key, value in facts.items():
        lines = [f"{file}  {digest}" for file, digest in value.items()] if isinstance(value, dict) else [str(value)]
        for number, line in enumerate(lines):
            print(f"{'' if number else key:12} {line}")
    return 0


@model_app.command()
def export(
    out: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that does not exist yet.", show_default=False)],
    adapter: options.Adapter = None,
    cache_dir: options.CacheDir = None,
) -> int:
    """Write the embedded model, with the adapter merged, and its tokenizer to a folder, for example for vLLM.

    Example: fastapply model export fastapply-135m
    """
    settings = options.make_settings(cache_dir=cache_dir, adapter=adapter)
    console = make_console(sys.stderr)
    chosen = weights.chosen_adapter(settings.adapter)
    weights.export(settings.cache_dir, chosen, out, progress=console.print)
    print(out)
    return 0


def _embedded(settings: Settings, *, checked: bool) -> dict[str, Any]:
    adapter = weights.adapter_folder()
    if not (adapter / "adapter_model.safetensors").exists():
        return {
            "name": EMBEDDED_MODEL,
            "licence": weights.BASE_LICENCE,
            "state": f"the adapter is missing in {adapter}",
        }
    folder = weights.cached_folder(settings.cache_dir, adapter)
    facts: dict[str, Any] = {
        "name": EMBEDDED_MODEL,
        "licence": weights.BASE_LICENCE,
        "base": f"{weights.BASE_FILE} of {weights.BASE_PACKAGE} {weights.BASE_VERSION}",
        "base sha256": weights.BASE_SHA256,
        "adapter": str(adapter),
        "adapter sha256": weights.sha256(adapter / "adapter_model.safetensors"),
        "state": "not built yet",
    }
    if folder is None:
        return facts
    facts["folder"] = str(folder)
    facts["bytes"] = sum(path.stat().st_size for path in folder.iterdir())
    facts["state"] = "ready"
    if checked:
        facts["state"] = "complete" if weights.is_intact(folder) else "damaged: fastapply model pull builds it again"
        facts["sha256"] = json.loads((folder / weights.MANIFEST).read_text())
    return facts


def _hub_models() -> list[dict[str, Any]]:
    from huggingface_hub import scan_cache_dir
    from huggingface_hub.errors import CacheNotFound

    try:
        found = scan_cache_dir().repos
    except CacheNotFound:
        return []
    models = sorted((repo for repo in found if repo.repo_type == "model"), key=lambda repo: repo.repo_id)
    return [{"name": repo.repo_id, "bytes": repo.size_on_disk, "state": "in the cache"} for repo in models]


def _fetch_from_hub(name: str) -> str:
    """The folder of a fetched model. Raises ModelError if there is no such model or no network."""
    from huggingface_hub import snapshot_download

    require_model(name)
    try:
        return str(snapshot_download(name, allow_patterns=["*.json", "*.safetensors", "*.model", "*.txt", "*.jinja"]))
    except Exception as error:  # from any of several libraries
        raise ModelError(f"cannot fetch the model `{name}`: {_first_line(error)}") from error


def _described(name: str) -> dict[str, Any]:
    """Facts about a model that is not the embedded one. Raises ModelError if it cannot be found."""
    from transformers import AutoConfig

    require_model(name)
    try:
        config = AutoConfig.from_pretrained(name)
    except Exception as error:  # from any of several libraries
        raise ModelError(f"no model `{name}`: {_first_line(error)}") from error
    return {
        "name": name,
        "kind": config.model_type,
        "context": getattr(config, "max_position_embeddings", None),
        "vocabulary": getattr(config, "vocab_size", None),
        "state": "a folder" if Path(name).is_dir() else "Hugging Face; see its page for the licence",
    }


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
