"""Identities: what changes them, what does not, and what they never import."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from curate.engines.identity import digest_folder, identify_engine
from filters.digest import digest
from filters.engine import EngineOptions
from filters.errors import UserError

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def folder(path: Path, **files: bytes) -> Path:
    path.mkdir()
    for name, content in (
        {"config.json": b"{}", "model.safetensors": b"weights", "tokenizer.json": b"t"} | files
    ).items():
        (path / name).write_bytes(content)
    return path


def identity(model: Path | str, **options: Any) -> str:
    return identify_engine(EngineOptions(model=str(model), **options))


def test_equal_bytes_are_one_model_wherever_they_lie(tmp_path: Path) -> None:
    first = folder(tmp_path / "a")
    shutil.copytree(first, tmp_path / "b")
    assert identity(first) == identity(tmp_path / "b")


@pytest.mark.parametrize(
    "name",
    ["config.json", "model.safetensors", "tokenizer.json", "chat_template.jinja", "generation_config.json"],
)
def test_what_the_model_is_loaded_from_counts(tmp_path: Path, name: str) -> None:
    changed = folder(tmp_path / "b", **{name: b'{"x": 1}'})
    assert identity(folder(tmp_path / "a")) != identity(changed)


@pytest.mark.parametrize("name", ["README.md", "training_args.bin", "optimizer.pt", "trainer_state.json"])
def test_what_lies_beside_does_not(tmp_path: Path, name: str) -> None:
    assert identity(folder(tmp_path / "a")) == identity(folder(tmp_path / "b", **{name: b"x"}))


def test_the_template_option_counts_and_how_the_model_is_run_does_not(tmp_path: Path) -> None:
    model = folder(tmp_path / "a")
    (tmp_path / "t.jinja").write_text("x")
    assert identity(model) != identity(model, template=str(tmp_path / "t.jinja"))
    assert identity(model) == identity(model, concurrency=3, gpu_memory=0.5, tensor_parallel=2)


def test_the_context_and_the_type_count_where_they_are_not_the_defaults(tmp_path: Path) -> None:
    model = folder(tmp_path / "a")
    assert identity(model, dtype="auto", max_model_len=None) == digest("model", digest_folder(model), None)
    others: list[dict[str, Any]] = [{"max_model_len": 512}, {"max_model_len": 1024}, {"dtype": "float32"}]
    found = {identity(model), *(identity(model, **options) for options in others)}
    assert len(found) == 4
    assert identity(model, dtype="float32", max_model_len=512) not in found


def test_a_server_is_known_by_its_models_name_and_revision() -> None:
    def served(**options: Any) -> str:
        return identify_engine(
            EngineOptions(kind="server", **({"model": "m", "endpoints": ("http://a",)} | options))
        )

    assert served() == served(endpoints=("http://b", "http://c")) == digest("server", "m", None)
    assert served() == served(max_model_len=9, dtype="float32", concurrency=3, timeout_s=1.0)
    assert len({served(), served(model="n"), served(revision="2")}) == 3


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: path / "none" / "x" / "y", "There is no folder '.*'; name a model by"),
        (
            lambda path: folder(path / "a", **{"config.json": b"[]"}),
            "is not a model; its config.json is not a JSON object",
        ),
        (lambda path: _without(folder(path / "a"), "config.json"), "is not a model; it has no config.json"),
        (lambda path: _without(folder(path / "a"), "model.safetensors"), "has a config.json but no weights"),
        (lambda path: _adapter(path / "a"), "is a LoRA adapter: merge it"),
        (lambda path: folder(path / "a") / "config.json", "is a file; a model is named by"),
    ],
)
def test_what_is_no_model_is_said_in_one_sentence(tmp_path: Path, make: Any, says: str) -> None:
    with pytest.raises(UserError, match=says) as caught:
        identity(make(tmp_path))
    assert "\n" not in str(caught.value)


def _without(path: Path, name: str) -> Path:
    (path / name).unlink()
    return path


def _adapter(path: Path) -> Path:
    path.mkdir()
    (path / "adapter_config.json").write_text("{}")
    return path


def test_a_missing_template_is_the_users(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no chat template file 'none\.jinja'"):
        identity(folder(tmp_path / "a"), template="none.jinja")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty Hub cache, and no Hub."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_offline_the_hubs_cache_knows_the_commit(cache: Path) -> None:
    snapshot = cache / "models--org--m" / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text("{}")
    refs = cache / "models--org--m" / "refs"
    refs.mkdir()
    (refs / "main").write_text(COMMIT)
    assert identity("org/m") == identity("org/m", revision="main") == identity("org/m", revision=COMMIT)


def test_offline_without_a_cache_is_said_plainly(cache: Path) -> None:
    with pytest.raises(
        UserError, match=r"no folder 'org/m', the Hub cannot be reached \(OfflineModeIsEnabled\)"
    ):
        identity("org/m")


def test_online_the_hub_names_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import HfApi

    class Info:
        sha = COMMIT

    asked = []

    def model_info(api: HfApi, name: str, *, revision: str | None, timeout: float) -> Info:
        asked.append((name, revision))
        return Info()

    monkeypatch.setattr(HfApi, "model_info", model_info)
    assert identity("org/m", revision="v1") == identity("org/m")
    assert asked == [("org/m", "v1"), ("org/m", None)]


def test_identities_import_nothing_heavy(tmp_path: Path) -> None:
    model = folder(tmp_path / "a")
    code = (
        "import sys, json\n"
        "from curate.engines.identity import identify_engine\n"
        "from filters.engine import EngineOptions\n"
        f"identify_engine(EngineOptions(model={str(model)!r}))\n"
        "print(json.dumps([m for m in ('torch', 'vllm', 'transformers', 'openai') if m in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, cwd=Path(__file__).parents[3]
    )
    assert json.loads(done.stdout) == []
