"""Vectors of texts from a server that speaks OpenAI's protocol."""

import numpy as np
import pytest

from curate.benchmarks.embeddings import BATCH, LONGEST, Embedder, EmbeddingError, EmbeddingOptions
from tests.curate.benchmarks.embedding_server import serve_embeddings


def test_each_text_has_its_own_vector_of_length_one():
    texts = [f"text {chr(97 + n % 26)}" for n in range(BATCH + 3)] + ["\ud800 lone", "x" * 2 * LONGEST]
    with serve_embeddings() as server:
        found = Embedder(EmbeddingOptions(endpoint=server.url, model="e")).make_vectors(texts)
        assert [len(one) for one in server.requests] == [BATCH, 5]
        assert max(len(text) for one in server.requests for text in one) == LONGEST
    assert found.shape == (BATCH + 5, 26) and np.allclose(np.linalg.norm(found, axis=1), 1)
    assert found[1] @ found[27] > 0.999 > found[1] @ found[2]


@pytest.mark.parametrize(("wrong", "said"), [("few", "other vectors"), ("zero", "no directions")])
def test_an_answer_that_is_none_is_refused(wrong: str, said: str):
    with serve_embeddings() as server:
        server.wrong = wrong
        with pytest.raises(EmbeddingError, match=said):
            Embedder(EmbeddingOptions(endpoint=server.url, model="e")).make_vectors(["one", "two"])


def test_a_server_that_fails_is_named_without_its_password():
    with serve_embeddings() as server:
        server.fails = True
        url = server.url.replace("//", "//me:secret@")
        with pytest.raises(EmbeddingError, match=r"127\.0\.0\.1") as raised:
            Embedder(EmbeddingOptions(endpoint=url, model="e", retries=0)).make_vectors(["one"])
    assert "secret" not in str(raised.value)
