"""`fastapply doctor` and `fastapply model` where something is missing."""

from __future__ import annotations

import json

import pytest
from program import Cli

pytestmark = pytest.mark.process


def test_a_cache_that_is_empty_is_no_problem(cli: Cli) -> None:
    done = cli.run("doctor", "--json", "--cache-dir", "cache")
    report = json.loads(done.out)
    assert (done.status, report["ok"], report["problems"]) == (0, True, [])
    assert report["model"]["state"].startswith("not built yet")
    assert "speed" not in report
    assert not (cli.folder / "cache").exists()


def test_what_is_broken_is_said_with_what_to_do(cli: Cli) -> None:
    done = cli.run("doctor", "--device", "tpu", "--cache-dir", "cache")
    assert done.status == 1
    assert b"problem: device `tpu` cannot be used here; use --device cpu or auto" in done.out


def test_damaged_weights_are_found(cli: Cli) -> None:
    name = json.loads(cli.run("model", "list", "--json").out)[0]["name"]
    from fastapply.engine.weights import MANIFEST, _cache_key, adapter_folder

    folder = cli.folder / "cache" / "models" / f"{name}-{_cache_key(adapter_folder())}"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"not the weights")
    (folder / MANIFEST).write_text(json.dumps({"model.safetensors": "0" * 64}))
    done = cli.run("doctor", "--json", "--cache-dir", "cache")
    report = json.loads(done.out)
    assert (done.status, report["model"]["state"]) == (1, "damaged")
    assert "fastapply model pull" in report["problems"][0]
    facts = json.loads(cli.run("model", "info", "--json", "--cache-dir", "cache").out)
    assert facts["state"].startswith("damaged")


def test_model_list_without_weights(cli: Cli) -> None:
    done = cli.run("model", "list", "--cache-dir", "cache")
    assert done.status == 0
    assert b"not built yet" in done.out
    assert b"none" in done.out
