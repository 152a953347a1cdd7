"""Finding the shape of a model that is named: from its folder, the Hub's cache here, what is known, or the Hub.

Nothing but a config is read, and libraries are imported only where one is.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from curate.memory.known_shapes import KNOWN
from curate.memory.shapes import Shape

HUB_TIMEOUT_S: Final = 20.0
DENSE: Final = ("qwen2", "qwen3", "llama", "mistral")
"""Kinds of models whose parameters follow from the numbers of their config; those of others are counted."""


class Shapes:
    """Shapes by the name of a model; a recipe's stages add those that they will make.

    Paths are compared as folders, whatever way they are written.
    """

    def __init__(self) -> None:
        self._made: dict[str, Shape | None] = {}
        self._found: dict[tuple[str, str | None], Shape | None] = {}

    def find(self, model: str, revision: str | None = None) -> Shape | None:
        """The shape of a model; None where nothing here knows it."""
        if self.is_made(model):
            return self._made[_key(model)]
        if (model, revision) not in self._found:
            self._found[model, revision] = find_shape(model, revision)
        return self._found[model, revision]

    def is_made(self, model: str) -> bool:
        """Whether a stage will make this model."""
        return _key(model) in self._made

    def add(self, folder: Path, base: Shape | None, context: int) -> None:
        """A model that will be made of `base` in this folder, with at least this context; None where its shape is not known."""
        longest = max(0 if base is None else base.context, context)
        made = None if base is None else replace(base, model=str(folder), context=longest)
        self._made[_key(str(folder))] = made


def _key(model: str) -> str:
    return str(Path(model).expanduser().resolve())


def find_shape(model: str, revision: str | None = None) -> Shape | None:
    """The shape of a model, by its folder or Hub id; None where nothing says it, as without the Hub."""
    folder = Path(model).expanduser()
    if folder.is_dir():
        return _read(model, str(folder), None, "its config.json")
    cached = None if "/" not in model else _cached(model, revision)
    if cached is not None:
        return _read(model, cached, None, "its config.json in the Hub's cache")
    if model in KNOWN and revision is None:
        return KNOWN[model]
    commit = _ask_hub(model, revision)
    return None if commit is None else _read(model, model, commit, "its config.json on the Hub")


def _ask_hub(model: str, revision: str | None) -> str | None:
    """The commit of a model on the Hub; None where it is not there, or the Hub cannot be reached.

    Asked first, because a download tries for half a minute where there is no network.
    """
    from httpx import HTTPError
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, OfflineModeIsEnabled

    if model.count("/") != 1 or model.startswith((".", "/", "~")):
        return None
    try:
        commit: str | None = HfApi().model_info(model, revision=revision, timeout=HUB_TIMEOUT_S).sha
    except (HFValidationError, HfHubHTTPError, OfflineModeIsEnabled, HTTPError, OSError):
        return None
    return commit


def _cached(model: str, revision: str | None) -> str | None:
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = try_to_load_from_cache(model, "config.json", revision=revision)
    except HFValidationError:
        return None
    return str(Path(found).parent) if isinstance(found, str) else None


def _read(model: str, place: str, revision: str | None, source: str) -> Shape | None:
    """The shape that a config says; None where there is none, or not of a language model."""
    from transformers import AutoConfig

    try:
        config = AutoConfig.from_pretrained(place, revision=revision).get_text_config()
    except (OSError, ValueError, KeyError):
        return None  # whoever loads the model says what is wrong with it
    try:
        return read_config(config, model, source)
    except AttributeError:
        return None  # no decoder: an encoder, or a model of another kind


def read_config(config: Any, model: str, source: str) -> Shape:
    """The shape that a transformers config says. Raises AttributeError where it is no decoder's."""
    heads, hidden = config.num_attention_heads, config.hidden_size
    shape = Shape(
        model=model,
        source=source,
        layers=config.num_hidden_layers,
        hidden=hidden,
        intermediate=_width(config),
        heads=heads,
        kv_heads=getattr(config, "num_key_value_heads", None) or heads,
        head_dim=getattr(config, "head_dim", None) or hidden // heads,
        vocabulary=config.vocab_size,
        context=_read_context(config),
        tied=bool(config.tie_word_embeddings),
        qkv_bias=config.model_type == "qwen2",
        head_norms=config.model_type == "qwen3",
    )
    biased = config.model_type != "qwen2" and getattr(config, "attention_bias", False)
    if config.model_type in DENSE and not biased and not getattr(config, "mlp_bias", False):
        return shape
    return replace(shape, counted=_count(config))


def _read_context(config: Any) -> int:
    """The longest context; scaled positions count as vLLM counts them, YaRN's and Llama 3's stand scaled in the config."""
    rope = getattr(config, "rope_parameters", None) or {}
    factor = rope.get("factor") if rope.get("rope_type") in ("linear", "dynamic") else None
    return int(config.max_position_embeddings * (factor or 1))


def _width(config: Any) -> int:
    """Numbers in an MLP's middle for one token: of a mixture, those of the experts that see it."""
    experts = getattr(config, "num_experts_per_tok", None)
    inner = getattr(config, "moe_intermediate_size", None)
    if experts and inner:
        return int(experts * inner)
    return int(config.intermediate_size) * (experts or 1)


def _count(config: Any) -> int | None:
    """The number of parameters, of a model without memory for its weights; None where that cannot be made."""
    try:
        import torch
        from transformers import AutoModelForCausalLM
    except ImportError:
        return None
    with torch.device("meta"):
        try:
            return int(AutoModelForCausalLM.from_config(config).num_parameters())
        except ValueError:
            return None
