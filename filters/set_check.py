"""Checks that compare all samples of a set: a signature of each, made wherever samples are judged, then one look at all of them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from filters.check import Check, Scope, judge_safely
from filters.digest import digest
from filters.types import Sample, SignatureVerdict, Verdict


@dataclass(frozen=True, slots=True)
class SignedSamples:
    """All samples of a set that were signed.

    signatures: shape samples x bytes, in memory or mapped from a file. about: of each, in the same order, its `sample_id`, the
    name that its owner gave its prompt's row and where that is from (`row_id`, `row_source`; empty where unknown), whether a
    verifier found it correct (`verified`), and whether it is of an index and only compared with (`is_kept`). beside: a folder
    for temporary files.
    """

    signatures: NDArray[np.uint8]
    about: pl.DataFrame
    beside: Path | None = None


class SetCheck(Check):
    """Judges all samples of a set together, by signatures: what is made of each sample once, and is kept.

    A sample that cannot be signed is undecided and costs no other.
    """

    scope: ClassVar[Scope] = "set"
    needs_reference: ClassVar[bool] = False

    @abstractmethod
    def sign(self, batch: Sequence[Sample]) -> list[bytes]:
        """The signature of each sample, in the batch's order, all of the same length."""

    @abstractmethod
    def judge_set(self, samples: SignedSamples) -> list[Verdict]:
        """Judge all samples of a set, whatever their order: as many verdicts, in their order, those of `is_kept` left out."""

    @property
    def signing_options(self) -> tuple[object, ...]:
        """The options that a signature depends on: with others all are made again."""
        return ()

    @property
    def signing_digest(self) -> str:
        """The content key of what a signature depends on."""
        own = () if self.own_code is None else (self.own_code.digest,)
        return digest(self.name, self.version, *self.signing_options, *own)

    @property
    def index(self) -> str | None:
        """A folder of signatures that samples are compared with as well."""
        return None

    @property
    def goes_by_verdicts(self) -> bool:
        """Whether it asks which samples a verifier found correct."""
        return False

    @property
    def reads_prompt(self) -> bool:
        """Whether it needs the samples' prompts."""
        return True

    def check(self, batch: Sequence[Sample]) -> list[Verdict]:
        """The samples' signatures, each as an undecided verdict that carries it."""
        signed = judge_safely(self.sign, batch)
        if not isinstance(signed, Verdict) and len(signed) == len(batch):
            return [SignatureVerdict(None, "signed", signature=one) for one in signed]
        if len(batch) > 1:
            return [self.check([sample])[0] for sample in batch]
        return [
            signed if isinstance(signed, Verdict) else Verdict(None, "crashed: the check gave no signature")
        ]
