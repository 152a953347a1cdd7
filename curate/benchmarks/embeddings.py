"""Texts as vectors, from an OpenAI-compatible server of an embedding model: texts that mean the same lie near each other."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

import numpy as np
import openai
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from curate.scrubber import display_url
from filters.types import make_storable

Vectors = NDArray[np.float32]

BATCH: Final = 64
"""Texts sent at once."""
LONGEST: Final = 8_000
"""Characters of a text that are sent: embedding models read some hundred to some thousand tokens."""


class EmbeddingError(RuntimeError):
    """The server gave no vectors. The message says why, for a reason or a sentence."""


class EmbeddingOptions(BaseModel):
    """Which embedding model turns texts into vectors, and where it is served."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    endpoint: str = Field(min_length=1)
    """Base URL of an OpenAI-compatible server with /embeddings, e.g. http://127.0.0.1:8000/v1 of `vllm serve MODEL --runner pooling`."""
    model: str = Field(min_length=1)
    """The name that the server knows the embedding model by."""
    api_key_env: str = "OPENAI_API_KEY"
    """The environment variable that holds the server's API key; no key is sent where it is unset."""
    timeout_s: float = Field(default=120.0, gt=0)
    """Timeout of one request, in seconds."""
    retries: int = Field(default=6, ge=0)
    """Retries of a failed request, with growing pauses."""


class Embedder:
    """Asks a server for the vectors of texts."""

    def __init__(self, options: EmbeddingOptions) -> None:
        self._options = options
        self._client = openai.OpenAI(
            base_url=options.endpoint,
            api_key=os.environ.get(options.api_key_env) or "none",
            timeout=options.timeout_s,
            max_retries=options.retries,
        )

    def make_vectors(self, texts: Sequence[str]) -> Vectors:
        """A vector of length 1 for each text, in order, as rows. Raises EmbeddingError."""
        if not texts:
            return np.zeros((0, 0), np.float32)
        return np.concatenate(
            [self._ask(texts[begin : begin + BATCH]) for begin in range(0, len(texts), BATCH)]
        )

    def _ask(self, texts: Sequence[str]) -> Vectors:
        where = display_url(self._options.endpoint)
        # An empty text has no vector in some servers.
        sent = [make_storable(text)[:LONGEST] or " " for text in texts]
        try:
            reply = self._client.embeddings.create(
                model=self._options.model, input=sent, encoding_format="float"
            )
        except openai.OpenAIError as error:
            raise EmbeddingError(f"{where}: {error.__cause__ or error}"[:300]) from error
        by_place = {one.index: one.embedding for one in reply.data}
        if sorted(by_place) != list(range(len(sent))) or len({len(one) for one in by_place.values()}) != 1:
            raise EmbeddingError(f"{where} gave other vectors than were asked for")
        found = np.array([by_place[place] for place in range(len(sent))], np.float32)
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        if not np.isfinite(found).all() or not (lengths > 0).all():
            raise EmbeddingError(f"{where} gave vectors that are no directions")
        scaled: Vectors = found / lengths
        return scaled
