"""Which tokens a base model has never seen: their rows of the embedding are zero, as those of Llama 3's turns are.

Full fine-tuning learns them; an adapter, which leaves the embedding as it is, cannot.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from huggingface_hub import try_to_load_from_cache
from safetensors import SafetensorError, safe_open

from curate.engines.identity import Source
from curate.store.whole_files import read_json

NAMES: Final = ("model.embed_tokens.weight", "lm_head.weight")
"""What Qwen's, Llama's and most other models call the rows by which tokens go in and come out."""
INDEX: Final = "model.safetensors.index.json"
WHOLE: Final = "model.safetensors"


def list_untrained(base: Source, ids: Collection[int]) -> frozenset[int]:
    """Those of the ids whose row is zero; none where the weights are not on this machine, or have other names."""
    try:
        return frozenset(id_ for file, name in _find_tensors(base) for id_ in _list_zero(file, name, ids))
    except (OSError, SafetensorError):  # who loads the model says it in a sentence
        return frozenset()


def _find_tensors(base: Source) -> Iterator[tuple[Path, str]]:
    index = _find_file(base, INDEX)
    if index is None:
        whole = _find_file(base, WHOLE)
        yield from ((whole, name) for name in NAMES if whole is not None)
        return
    places = (read_json(index) or {}).get("weight_map", {})
    for name in NAMES:
        file = _find_file(base, places[name]) if name in places else None
        if file is not None:
            yield file, name


def _find_file(base: Source, name: str) -> Path | None:
    if Path(base.model).is_dir():
        file = Path(base.model) / name
        return file if file.exists() else None
    cached = try_to_load_from_cache(base.model, name, revision=base.commit)
    return Path(cached) if isinstance(cached, str) else None


def _list_zero(file: Path, name: str, ids: Collection[int]) -> Iterator[int]:
    with safe_open(str(file), "pt") as tensors:
        if name not in tensors.keys():  # noqa: SIM118  it is no mapping
            return
        rows = tensors.get_slice(name)
        size = rows.get_shape()[0]
        yield from (id_ for id_ in ids if id_ < size and not rows[id_ : id_ + 1].any())
