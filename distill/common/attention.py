"""Attention over rows laid end to end, without padding and without any row seeing another.

A micro batch of whole rows, one after another, wastes no token on padding; attention then must stop at each row's
borders. Where an attention package (FlashAttention 2 or 3) is installed, transformers' own functions do that. Torch
has the same kernel (`torch.nn.attention.varlen`), for which transformers has no function yet: it is registered here,
with torch's usual attention over rows of like length wherever that kernel does not run, so that it can be proven on a CPU in float32.
"""

from __future__ import annotations

from functools import cache, lru_cache, partial
from importlib.util import find_spec
from inspect import signature
from typing import Any, Final, NamedTuple

import torch
from torch.nn.functional import scaled_dot_product_attention
from torch.utils.checkpoint import CheckpointPolicy, create_selective_checkpoint_contexts
from transformers import AttentionInterface
from transformers.utils import is_flash_attn_2_available, is_flash_attn_3_available

from filters.errors import UserError

ROWS: Final = "r1curate_rows"
"""The name under which transformers finds `attend_within_rows`."""
PADDED_ROWS: Final = "sdpa"
PROVEN_FAMILIES: Final = frozenset(
    {"llama", "mistral", "olmo2", "phi3", "qwen2", "qwen2_moe", "qwen3", "qwen3_moe", "smollm3"}
)
"""Families whose losses are the same with and without padding, by a test for each. Others may mix tokens outside their
attention (state spaces, linear attention, convolutions) or not pass the rows' borders on, and are padded."""
AMPERE: Final = (8, 0)
"""The first GPUs that torch's variable-length kernel runs on."""
HOPPER: Final = 9
"""GPUs that FlashAttention 3 runs on."""
SHORT: Final = 256
"""Tokens up to which rows are attended to in one call without the kernel, whatever their lengths."""
ALIKE: Final = 0.75
"""The share of a longer row's length from which a row is attended to with it."""
KERNEL_TYPES: Final = (torch.bfloat16, torch.float16)


def choose_attention(config: Any, asked: bool | None, half: bool) -> str:
    """The attention function for a model of this config: for rows without padding where it can have that, else sdpa.

    asked: whether rows are to be laid end to end; None decides by family. half: whether attention runs in 16 bits.
    """
    proven = can_be_free_of_padding(config)
    if asked and not proven:
        raise UserError(
            f"padding_free=true: rows of a model of type '{config.model_type}' with these settings may see each other "
            "without padding: leave it out, and they are padded."
        )
    if asked is False or not proven:
        return PADDED_ROWS
    if not torch.cuda.is_available():
        return ROWS
    capability = torch.cuda.get_device_capability()
    if half and capability[0] == HOPPER and is_flash_attn_3_available():
        return "flash_attention_3"
    if half and capability >= AMPERE and is_flash_attn_2_available():
        return "flash_attention_2"
    # Without a kernel each row is a call of its own, which pays on no GPU.
    return ROWS if asked or (half and capability >= AMPERE and has_kernel()) else PADDED_ROWS


@cache
def has_kernel() -> bool:
    """Whether this torch has the kernel with windows and fewer heads of keys than of queries, as since 2.13."""
    if find_spec("torch.nn.attention.varlen") is None:
        return False
    from torch.nn.attention.varlen import varlen_attn

    return {"window_size", "enable_gqa", "scale"} <= set(signature(varlen_attn).parameters)


def sees_length(config: Any) -> bool:
    """Whether a row's positions depend on the longest row beside it, so that each must be trained on alone."""
    given = getattr(config, "rope_parameters", None) or {}
    kinds = given.values() if given and all(isinstance(one, dict) for one in given.values()) else [given]
    return any(kind.get("rope_type") in ("dynamic", "longrope") for kind in kinds)


def can_be_free_of_padding(config: Any) -> bool:
    """Whether models of this config are proven to train the same without padding."""
    if sees_length(config):
        return False
    kinds = set(getattr(config, "layer_types", None) or ())
    return (
        config.model_type in PROVEN_FAMILIES
        and kinds <= {"full_attention", "sliding_attention"}
        and not getattr(config, "attention_dropout", 0)
    )


def attend_within_rows(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    sliding_window: int | None = None,
    cu_seq_lens_q: torch.Tensor | None = None,
    max_length_q: int | None = None,
    **rest: Any,
) -> tuple[torch.Tensor, None]:
    """Causal attention within each row of a micro batch of one sequence; returns [1, tokens, heads, size].

    query, key, value: [1, heads, tokens, size], key and value possibly with fewer heads. cu_seq_lens_q: the rows'
    borders, from 0 to the number of tokens. max_length_q: the longest row. Raises ValueError for what would be
    computed wrongly in silence: no borders, caps on scores, sinks, dropout.
    """
    if cu_seq_lens_q is None or max_length_q is None or query.shape[0] != 1 or attention_mask is not None:
        raise ValueError(f"{type(module).__name__} does not pass the rows' borders on to its attention.")
    unknown = [name for name in ("softcap", "s_aux", "dropout", "position_bias") if rest.get(name)]
    if unknown:
        raise ValueError(f"Attention without padding does not know {', '.join(unknown)}.")
    if query.is_cuda and torch.is_autocast_enabled("cuda"):
        # Rotary embeddings leave queries and keys in float32.
        query, key, value = (x.to(torch.get_autocast_dtype("cuda")) for x in (query, key, value))
    if query.is_cuda and query.dtype in KERNEL_TYPES and has_kernel():
        out = _by_kernel(query, key, value, scaling, sliding_window, cu_seq_lens_q, max_length_q)
    else:
        out = _by_groups(query, key, value, scaling, sliding_window, cu_seq_lens_q)
    return out, None


def _by_kernel(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    scaling: float | None,
    window: int | None,
    borders: torch.Tensor,
    longest: int,
) -> torch.Tensor:
    from torch.nn.attention.varlen import varlen_attn

    query, key, value = (x[0].transpose(0, 1) for x in (query, key, value))
    # A window of w tokens counts the token itself, the kernel only those before it.
    left = -1 if window is None else window - 1
    out: torch.Tensor = varlen_attn(
        query, key, value, borders, borders, longest, longest,
        scale=scaling, window_size=(left, 0), enable_gqa=query.shape[1] != key.shape[1],
    )  # fmt: skip
    return out[None]


def _by_groups(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    scaling: float | None,
    window: int | None,
    borders: torch.Tensor,
) -> torch.Tensor:
    """Rows of like length are padded for attention alone: torch's call costs more than a short row's work."""
    laid = [x[0].transpose(0, 1) for x in (query, key, value)]
    groups, back = _group_rows(tuple(borders.diff().tolist()))
    parts = []
    for group in groups:
        places = group.places.to(query.device)
        q, k, v = (x[places].unflatten(0, (group.rows, -1)).transpose(1, 2) for x in laid)
        out = _attend(q, k, v, scaling, window).transpose(1, 2).flatten(0, 1)
        parts.append(out[group.real.to(query.device)])
    return torch.cat(parts)[back.to(query.device)][None]


class _Group(NamedTuple):
    """Rows that go through attention together, padded on the right with tokens that causal attention never shows.

    places: [rows x longest], where each token is among all; real: which of these are no padding.
    """

    rows: int
    places: torch.Tensor
    real: torch.Tensor


@lru_cache(maxsize=16)
def _group_rows(sizes: tuple[int, ...]) -> tuple[list[_Group], torch.Tensor]:
    """Groups of rows, the longest first, and where each token is among those of all groups."""
    starts = torch.tensor([0, *sizes]).cumsum(0).tolist()
    order = sorted((row for row in range(len(sizes)) if sizes[row]), key=lambda row: -sizes[row])
    groups: list[list[int]] = []
    for row in order:
        longest = sizes[groups[-1][0]] if groups else 0
        if groups and (longest <= SHORT or sizes[row] >= ALIKE * longest):
            groups[-1].append(row)
        else:
            groups.append([row])
    made = [_pad_group([(starts[row], sizes[row]) for row in rows]) for rows in groups]
    return made, torch.cat([group.places[group.real] for group in made]).argsort()


def _pad_group(rows: list[tuple[int, int]]) -> _Group:
    steps = torch.arange(max(size for _, size in rows))
    starts, sizes = (torch.tensor(column)[:, None] for column in zip(*rows, strict=True))
    real = steps < sizes
    return _Group(len(rows), torch.where(real, starts + steps, starts).flatten(), real.flatten())


def _attend(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, scaling: float | None, window: int | None
) -> torch.Tensor:
    mask = None
    if window is not None and query.shape[2] > window:
        ones = torch.ones(query.shape[2], query.shape[2], dtype=torch.bool, device=query.device)
        mask = ones.tril().triu(1 - window)
    return scaled_dot_product_attention(
        query, key, value, attn_mask=mask, is_causal=mask is None, scale=scaling,
        enable_gqa=query.shape[1] != key.shape[1],
    )  # fmt: skip


def keep_attention(model: Any) -> None:
    """Have activation checkpointing keep what the attention kernel computed, and compute the rest again.

    TRL's selective checkpointing does this for the kernels it knows, which torch's variable-length one is not among.
    In rows of 32,768 tokens half of the work is attention; keeping its output costs as much as one more layer input.
    """
    enable = model.gradient_checkpointing_enable

    def enable_keeping(gradient_checkpointing_kwargs: Any = None, **rest: Any) -> Any:
        given = {**(gradient_checkpointing_kwargs or {}), "use_reentrant": False}
        contexts = partial(create_selective_checkpoint_contexts, _keep)
        return enable(gradient_checkpointing_kwargs={**given, "context_fn": contexts}, **rest)

    model.gradient_checkpointing_enable = enable_keeping


def _keep(_context: Any, operation: Any, *_: Any, **__: Any) -> CheckpointPolicy:
    kept = any(name in str(operation) for name in ("torch_attn._varlen_attn", "flash_attn"))
    return CheckpointPolicy.MUST_SAVE if kept else CheckpointPolicy.PREFER_RECOMPUTE


# No mask function goes with it: transformers then builds no mask at all.
AttentionInterface.register(ROWS, attend_within_rows)
