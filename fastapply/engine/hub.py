"""Check that a model exists, in a folder or on Hugging Face. Asks once with a short timeout, so that a wrong name or a
missing network gives one clear error instead of half a minute of retries. Never imports torch.
"""

from __future__ import annotations

from pathlib import Path

from fastapply.errors import ModelError

ANSWER_SECONDS = 10.0


def require_model(name: str) -> None:
    """Raise ModelError unless `name` is a folder with a model, a cached model, or one that the hub lets us fetch."""
    folder = Path(name).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").exists():
            raise ModelError(f"no model in the folder `{name}`: it has no config.json")
        return
    from huggingface_hub import get_hf_file_metadata, hf_hub_url, try_to_load_from_cache
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    try:
        if isinstance(try_to_load_from_cache(name, "config.json"), str):
            return
        get_hf_file_metadata(hf_hub_url(name, "config.json"), timeout=ANSWER_SECONDS)
    except HFValidationError:
        raise ModelError(f"unknown model `{name}`: neither a folder here nor a Hugging Face id") from None
    except HfHubHTTPError as error:  # not found, gated, rate limited, ...
        raise ModelError(f"no model `{name}`: neither a folder here, nor {_answer(error)} by Hugging Face") from None
    except Exception as error:  # depends on the HTTP library that huggingface_hub uses
        raise ModelError(
            f"no model `{name}`: neither a folder here nor cached, and Hugging Face cannot be reached "
            f"({type(error).__name__}); check the name and the network"
        ) from None


def _answer(error: Exception) -> str:
    status = getattr(getattr(error, "response", None), "status_code", None)
    return {401: "known or open to you", 403: "open to you", 404: "known"}.get(status or 0, f"answered (HTTP {status})")
