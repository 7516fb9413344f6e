"""Settings from the file, the environment and a caller, and what is said of wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from fastapply.config import Settings, config_file, load_settings
from fastapply.errors import UsageError


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the user's own settings would be; there are none, and no variables."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for setting in Settings.__dataclass_fields__:
        monkeypatch.delenv(f"FASTAPPLY_{setting.upper()}", raising=False)
    config_file().parent.mkdir()
    return config_file()


def test_without_anything_said_they_are_the_defaults() -> None:
    assert load_settings() == Settings()


def test_a_caller_beats_the_environment_which_beats_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("model = 'of the file'\ndevice = 'of the file'\ndrafter = 'of the file'\n")
    monkeypatch.setenv("FASTAPPLY_MODEL", "of the environment")
    monkeypatch.setenv("FASTAPPLY_DEVICE", "of the environment")
    found = load_settings(model="of the caller", device=None)
    assert (found.model, found.device, found.drafter) == ("of the caller", "of the environment", "of the file")


@pytest.mark.parametrize(
    ("name", "said", "read"),
    [
        ("threads", "3", 3),
        ("guide_strength", "2.5", 2.5),
        ("guide_strength", "1e3", 1000.0),
        ("cuda_graphs", "off", False),
        ("cuda_graphs", "True", True),
        ("prediction", "0", False),
        ("heads", "some/heads.safetensors", Path("some/heads.safetensors")),
        ("dtype", "float16", "float16"),
        ("seed", "-1", -1),
        ("model", "7", "7"),
    ],
)
def test_a_variable_is_read_as_its_setting(name: str, said: str, read: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"FASTAPPLY_{name.upper()}", said)
    found = getattr(load_settings(), name)
    assert found == read
    assert type(found) is type(read)


def test_the_case_of_a_variable_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("fastapply_seed", "5")
    assert load_settings().seed == 5


def test_the_file_has_types_of_its_own(file: Path) -> None:
    file.write_text("threads = 2\ntemperature = 1\ncuda_graphs = false\ncache_dir = '/c'\nundo_megabytes = 0.5\n")
    found = load_settings()
    assert (found.threads, found.temperature, found.cuda_graphs, found.cache_dir, found.undo_megabytes) == (
        2,
        1.0,
        False,
        Path("/c"),
        0.5,
    )


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("threads", 0, "at least 1 is wanted, not 0"),
        ("threads", "many", "a whole number is wanted, not 'many'"),
        ("threads", 1.5, "a whole number is wanted, not 1.5"),
        ("threads", True, "a whole number is wanted, not True"),
        ("threads", "9" * 5000, "a whole number is wanted"),
        ("temperature", "inf", "at least 0, and finite is wanted"),
        ("temperature", "nan", "at least 0, and finite is wanted"),
        ("guide_strength", "-1", "at least 0 is wanted"),
        ("top_p", 0, "more than 0, at most 1 is wanted, not 0"),
        ("request_attempts", 11, "1 to 10 is wanted, not 11"),
        ("request_seconds", 0, "more than 0 is wanted"),
        ("block_tokens", 12, "a multiple of 8 from 8 to 512 is wanted, not 12"),
        ("dtype", "int4", "one of auto, bfloat16, float32, int8, float16 is wanted, not 'int4'"),
        ("backend", ["local"], "one of local, llamacpp, openai, vllm is wanted"),
        ("cuda_graphs", "perhaps", "true or false is wanted, not 'perhaps'"),
        ("cuda_graphs", 2, "true or false is wanted, not 2"),
        ("model", 3, "a text is wanted, not 3"),
        ("cache_dir", 3, "a path is wanted, not 3"),
        ("colour", "red", "there is no such setting"),
    ],
)
def test_a_wrong_value_is_named_in_one_line(name: str, value: object, wanted: str) -> None:
    with pytest.raises(UsageError) as error:
        load_settings(**{name: value})
    assert str(error.value).startswith(f"setting `{name}`: {wanted}")
    assert str(error.value).endswith(f"(from {config_file()}, FASTAPPLY_* or an option)")


@pytest.mark.parametrize("content", [b"model = ", b"\xff", b"colour = 'red'"])
def test_a_file_that_cannot_be_read_is_named(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(UsageError, match=r"config\.toml"):
        load_settings()
