"""What finds contamination and duplicates elsewhere: datatrove's n-grams, and the MinHash signatures of rensa and datasketch.

None is a dependency of this project; in the environment that `peers.py` describes:

    PEERS/bin/pip install rensa==0.5.0 datasketch==2.0.0 xxhash==3.8.2  # datatrove does not work with 4

rensa signs token lists, and so does datasketch, so that their runs of five words are made here, as their examples do it.
"""

from __future__ import annotations

import os

os.environ.setdefault("RAYON_NUM_THREADS", "1")  # rensa's threads: one core, as for all others

import importlib
import re
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

Judge = Callable[[Sequence[str]], list[bool]]
"""Texts -> whether each is contaminated."""
Sign = Callable[[Sequence[str]], Any]
"""Texts -> their signatures, as the library has them."""
RUN = 5
"""Words in a run."""


def find_peers(*modules: str) -> bool:
    """Whether all of these can be imported: see the head of this file for how."""
    return all(find_spec(module) is not None for module in modules)


def datatrove_ngrams(problems: Sequence[str], n: int = 12) -> Judge:
    """datatrove's NGramsDecontFilter, with an index of the n-grams of all problems; 12 words are its default."""
    decont: Any = importlib.import_module("datatrove.pipeline.decont.n_grams")
    document: Any = importlib.import_module("datatrove.data").Document
    found = decont.NGramsDecontFilter(
        "/nowhere-read", decont.NGramsDecontConfig(n_grams=n, find_query_ngrams=True)
    )
    # Its own indexer asks for lighteval, which downloads; the hashes are made just as its `compute_hashes` makes them.
    hashes: dict[int, str] = {}
    for problem in problems:
        words = found.tokenizer.word_tokenize(decont.simplify_text(problem, found.config.norm_config))
        for run in decont.ngrams(words, n):
            hashes[found.hash_func(" ".join(run))] = "problems"
    found._index_hashes = hashes
    return lambda texts: [found.filter(document(text, "t")) is not True for text in texts]


def shingle(text: str) -> list[str]:
    """Runs of five words, as the examples of both libraries make them; a shorter text is one run."""
    words = re.findall(r"\w+", text.lower())
    return [" ".join(words[at : at + RUN]) for at in range(max(1, len(words) - RUN + 1))]


def rensa_signatures(numbers: int) -> dict[str, Sign]:
    """Its batch calls: R-MinHash and C-MinHash over all runs, and the one that samples runs (rho)."""
    rensa: Any = importlib.import_module("rensa")
    return {
        "rensa, RMinHash": lambda texts: rensa.RMinHash.digest_matrix_from_token_sets(
            [shingle(text) for text in texts], num_perm=numbers, seed=42
        ),
        "rensa, CMinHash": lambda texts: rensa.CMinHash.digests_from_token_sets(
            [shingle(text) for text in texts], num_perm=numbers, seed=42
        ),
        "rensa, RMinHash rho": lambda texts: rensa.RMinHash.digest_matrix_from_token_sets_rho(
            [shingle(text) for text in texts], num_perm=numbers, seed=42
        ),
    }


def datasketch_signatures(numbers: int) -> dict[str, Sign]:
    """`MinHash.bulk` with its default hash (SHA-1), and with xxHash, which its documentation names as faster."""
    minhash: Any = importlib.import_module("datasketch").MinHash
    signs: dict[str, Sign] = {"datasketch, bulk": lambda texts: minhash.bulk(_bytes(texts), num_perm=numbers)}
    if find_peers("xxhash"):
        fast: Any = importlib.import_module("xxhash").xxh32_intdigest
        signs["datasketch, bulk with xxHash"] = lambda texts: minhash.bulk(
            _bytes(texts), num_perm=numbers, hashfunc=fast
        )
    return signs


def _bytes(texts: Sequence[str]) -> list[list[bytes]]:
    return [[run.encode() for run in shingle(text)] for text in texts]
