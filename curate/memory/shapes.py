"""The shape of a language model, and what follows from it: how many parameters it has, what one token's cache takes.

A shape is a few numbers of the model's config. All that is said of memory before anything is loaded follows from them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """A decoder of the Llama kind: grouped-query attention and a gated MLP.

    model: its name. source: where the numbers are from, for people. context: longest prompt and response in tokens.
    qkv_bias, head_norms: whether attention has biases (Qwen2), or norms of queries and keys (Qwen3).
    counted: the number of parameters where it does not follow from the other numbers, as of other kinds of models.
    """

    model: str
    source: str
    layers: int
    hidden: int
    intermediate: int
    heads: int
    kv_heads: int
    head_dim: int
    vocabulary: int
    context: int
    tied: bool
    qkv_bias: bool = False
    head_norms: bool = False
    counted: int | None = None

    @property
    def queries(self) -> int:
        """Numbers in the queries of one token."""
        return self.heads * self.head_dim

    @property
    def keys(self) -> int:
        """Numbers in the keys of one token; its values have as many."""
        return self.kv_heads * self.head_dim

    @property
    def head_parameters(self) -> int:
        """Parameters of the head, which are the embedding's where both are tied."""
        return self.vocabulary * self.hidden

    @property
    def embedding_parameters(self) -> int:
        """Parameters of the embedding and the head together."""
        return self.head_parameters * (1 if self.tied else 2)

    @property
    def layer_parameters(self) -> int:
        """Parameters of one layer; the mean, where the model's were counted."""
        if self.counted is not None:
            return (self.counted - self.embedding_parameters - self.hidden) // self.layers
        linear = self.hidden * (2 * self.queries + 2 * self.keys) + 3 * self.hidden * self.intermediate
        biases = (self.queries + 2 * self.keys) if self.qkv_bias else 0
        norms = 2 * self.hidden + (2 * self.head_dim if self.head_norms else 0)
        return linear + biases + norms

    @property
    def parameters(self) -> int:
        """All parameters, tied ones once."""
        if self.counted is not None:
            return self.counted
        return self.layers * self.layer_parameters + self.embedding_parameters + self.hidden

    def adapter_parameters(self, rank: int) -> int:
        """Parameters of LoRA adapters of this rank on every linear layer but the head: rank times inputs and outputs."""
        attention = 2 * (self.hidden + self.queries) + 2 * (self.hidden + self.keys)
        return self.layers * rank * (attention + 3 * (self.hidden + self.intermediate))

    def cache_bytes(self, ranks: int = 1, width: int = 2) -> int:
        """Bytes of one token's keys and values in all layers on one of `ranks` GPUs; below one head there is no share."""
        return 2 * self.layers * -(-self.kv_heads // ranks) * self.head_dim * width

    def divides(self, ranks: int) -> bool:
        """Whether vLLM can spread the model over so many GPUs: its heads must divide evenly."""
        shared = self.kv_heads % ranks == 0 or ranks % self.kv_heads == 0
        return self.heads % ranks == 0 and shared
