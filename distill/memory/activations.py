"""How many bytes a training keeps of a forward pass for its backward pass.

The way of Korthikanti et al. 2022 (arXiv 2205.05198, section 4): add up what each operation of a layer saves. Theirs
is a GPT in 16 bits with dropout (34 bytes per token and number of the hidden size, and 5 a s / h for attention's
matrix). Here it is a Llama-like layer as transformers computes it: RMS norms in float32, no dropout, a gated MLP, and an
attention kernel that keeps no matrix. With checkpointing each layer keeps its input alone, and one layer at a time
its whole (their section 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from curate.memory.shapes import Shape

FLOAT32: Final = 4
BFLOAT16: Final = 2


@dataclass(frozen=True, slots=True)
class Numbers:
    """In which types a training computes. compute: bytes of a number in matrix products; stream: in what layers hand on.

    casts: whether each product casts its input anew and keeps that, as autocast does where weights are float32.
    """

    compute: int
    stream: int
    casts: bool = False


def count_layer_bytes(shape: Shape, numbers: Numbers, *, padded: bool, rank: int | None = None) -> int:
    """Bytes that one layer saves per token. padded: whether attention is given a mask, and then every head's keys.

    rank: of LoRA's adapters; frozen weights need no input for their gradient, adapters do.
    """
    c, hidden, middle = numbers.compute, shape.hidden, shape.intermediate
    queries, keys = shape.queries, shape.keys
    # A norm keeps its input, a factor, and for its weight's gradient the normalized numbers; products keep what it gives.
    norms = 2 * (FLOAT32 * hidden + FLOAT32 + (numbers.stream * hidden if rank is None else 0))
    inputs = 5 * c * hidden if numbers.casts else 2 * c * hidden
    if rank is not None:
        inputs += c * ((queries if numbers.casts else 0) + 7 * rank)
    # Queries, keys, values and the output, and in float32 a sum per head.
    attention = c * (5 * queries if padded else 2 * queries + 2 * keys) + FLOAT32 * shape.heads
    heads = shape.heads + shape.kv_heads
    head_norms = (FLOAT32 + c) * (queries + keys) + FLOAT32 * heads if shape.head_norms else 0
    # The gate before and after its activation, the other half, and their product.
    return norms + inputs + attention + head_norms + 4 * c * middle


def count_saved_bytes(
    shape: Shape, numbers: Numbers, *, checkpointing: bool, padded: bool, rank: int | None = None
) -> int:
    """Bytes per token that the whole backbone saves at most at once."""
    one = count_layer_bytes(shape, numbers, padded=padded, rank=rank)
    # The last norm, and the cosines and sines of positions.
    last = FLOAT32 + (numbers.stream if rank is None else 0)
    rest = last * shape.hidden + 2 * numbers.stream * shape.head_dim
    if checkpointing:
        return shape.layers * numbers.stream * shape.hidden + one + rest
    return shape.layers * one + rest


def count_work_bytes(shape: Shape, numbers: Numbers) -> int:
    """Bytes per token that a backward pass holds beside: gradients of an MLP's middle and of what layers hand on."""
    return 3 * numbers.compute * shape.intermediate + 2 * numbers.stream * shape.hidden
