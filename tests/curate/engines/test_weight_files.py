"""Weight files that are not whole are one sentence before anything is loaded."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from curate.engines.weight_files import assert_weights_whole
from filters.errors import UserError


def make(folder: Path) -> Path:
    path = folder / "model.safetensors"
    save_file({"a": np.zeros((4, 5), np.float32), "b": np.ones(3, np.float16)}, path, {"format": "pt"})
    return path


def test_whole_files_pass(tmp_path: Path):
    make(tmp_path)
    assert_weights_whole(tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda b: b[:-7], r"is not whole \(\d+ of \d+ bytes\): copy or download the model again\.$"),
        (lambda b: b + b"\0", "is not whole"),
        (lambda b: b[:40], "is damaged, or cut off in its header"),
        (lambda b: b[:8] + b"x" * (len(b) - 8), "is damaged"),
        (lambda b: b"", "is not a safetensors file"),
        (lambda b: b"\xff" * 60, "is not a safetensors file"),
        (lambda b: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS's pointer"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, change, said):
    path = make(tmp_path)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(UserError, match=said):
        assert_weights_whole(tmp_path)


def test_a_shard_that_is_missing_is_named(tmp_path: Path):
    make(tmp_path)
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": "model.safetensors", "b": "model-2.safetensors"}}))
    with pytest.raises(
        UserError, match=r"model-2\.safetensors', which 'model\.safetensors\.index\.json' lists, is missing"
    ):
        assert_weights_whole(tmp_path)
    index.write_text("{")
    with pytest.raises(UserError, match="is damaged"):
        assert_weights_whole(tmp_path)
