"""The shapes of models that recipes and their readers name, so that a plan needs neither the model nor the Hub.

The numbers are those of each model's `config.json` on the Hub. A published model's shape does not change.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from curate.memory.shapes import Shape

SOURCE: Final = "its shape as published"

# layers, hidden, intermediate, heads, heads of keys and values, vocabulary, context, tied
QWEN2: Final = {
    "Qwen2.5-0.5B": (24, 896, 4864, 14, 2, 151936, 32768, True),
    "Qwen2.5-1.5B": (28, 1536, 8960, 12, 2, 151936, 131072, True),
    "Qwen2.5-3B": (36, 2048, 11008, 16, 2, 151936, 32768, True),
    "Qwen2.5-7B": (28, 3584, 18944, 28, 4, 152064, 131072, False),
    "Qwen2.5-14B": (48, 5120, 13824, 40, 8, 152064, 131072, False),
    "Qwen2.5-32B": (64, 5120, 27648, 40, 8, 152064, 131072, False),
    "Qwen2.5-72B": (80, 8192, 29568, 64, 8, 152064, 131072, False),
}
INSTRUCT_CONTEXT: Final = 32768
"""The context in the config of Qwen2.5's instruct models; longer ones need YaRN."""
QWEN2_MATH: Final = {
    "Qwen2.5-Math-1.5B": (28, 1536, 8960, 12, 2, 151936, 4096, True),
    "Qwen2.5-Math-7B": (28, 3584, 18944, 28, 4, 152064, 4096, False),
}
QWEN3: Final = {
    "Qwen3-0.6B": (28, 1024, 3072, 16, 8, 151936, 40960, True),
    "Qwen3-1.7B": (28, 2048, 6144, 16, 8, 151936, 40960, True),
    "Qwen3-4B": (36, 2560, 9728, 32, 8, 151936, 40960, True),
    "Qwen3-8B": (36, 4096, 12288, 32, 8, 151936, 40960, False),
    "Qwen3-14B": (40, 5120, 17408, 40, 8, 151936, 40960, False),
    "Qwen3-32B": (64, 5120, 25600, 64, 8, 151936, 40960, False),
}
QWEN3_BASE: Final = ("Qwen3-0.6B", "Qwen3-1.7B", "Qwen3-4B", "Qwen3-8B", "Qwen3-14B")
"""Those with a base model of the same shape, whose context is BASE_CONTEXT."""
BASE_CONTEXT: Final = 32768
QWEN3_HEAD: Final = 128
"""The size of a head in all Qwen3 models, whatever their hidden size."""
LLAMA: Final = {
    "Llama-3.1-8B": (32, 4096, 14336, 32, 8, 128256, 131072, False),
    "Llama-3.1-70B": (80, 8192, 28672, 64, 8, 128256, 131072, False),
    "Llama-3.2-1B": (16, 2048, 8192, 32, 8, 128256, 131072, True),
    "Llama-3.2-3B": (28, 3072, 8192, 24, 8, 128256, 131072, True),
}

Numbers = tuple[int, int, int, int, int, int, int, bool]


def _qwen2(name: str, numbers: Numbers) -> Shape:
    return _make(f"Qwen/{name}", numbers, numbers[1] // numbers[3], qkv_bias=True)


def _qwen3(name: str, numbers: Numbers) -> Shape:
    return _make(f"Qwen/{name}", numbers, QWEN3_HEAD, head_norms=True)


def _llama(name: str, numbers: Numbers) -> Shape:
    return _make(f"meta-llama/{name}", numbers, numbers[1] // numbers[3])


def _make(
    model: str, numbers: Numbers, head_dim: int, *, qkv_bias: bool = False, head_norms: bool = False
) -> Shape:
    layers, hidden, intermediate, heads, kv_heads, vocabulary, context, tied = numbers
    return Shape(
        model, SOURCE, layers, hidden, intermediate, heads, kv_heads, head_dim, vocabulary, context, tied,
        qkv_bias=qkv_bias, head_norms=head_norms,
    )  # fmt: skip


def _list() -> dict[str, Shape]:
    shapes = []
    for name, numbers in QWEN2.items():
        shapes.append(_qwen2(name, numbers))
        shapes.append(_qwen2(f"{name}-Instruct", (*numbers[:6], INSTRUCT_CONTEXT, numbers[7])))
    for name, numbers in QWEN2_MATH.items():
        shapes += [_qwen2(name, numbers), _qwen2(f"{name}-Instruct", numbers)]
    for name, numbers in QWEN3.items():
        shapes.append(_qwen3(name, numbers))
        if name in QWEN3_BASE:
            shapes.append(_qwen3(f"{name}-Base", (*numbers[:6], BASE_CONTEXT, numbers[7])))
    for name, numbers in LLAMA.items():
        shapes += [_llama(name, numbers), _llama(f"{name}-Instruct", numbers)]
    for name in ("Qwen3-4B", "Qwen3-8B"):
        shapes.append(replace(_qwen3(name, QWEN3[name]), model=f"Skywork/Skywork-Reward-V2-{name}"))
    shapes.append(_llama("Llama-3.3-70B-Instruct", LLAMA["Llama-3.1-70B"]))
    return {shape.model: shape for shape in shapes}


KNOWN: Final = _list()
"""The known shapes by Hub id."""
