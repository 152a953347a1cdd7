"""A case of which it is known what an honest judge says: what calibrations are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from filters.types import Sample

LABEL: Final = "labelled"
"""The kind of cases whose rates are held against the bounds; every other kind is a canary or a twin."""


@dataclass(frozen=True, slots=True)
class LabelledCase:
    """A sample and whether it is right.

    kind: LABEL, or what it tries the judge with, e.g. `flattery`. source: where the label comes from: `rule`, decided by
    a rule on this run; `bundled`; or a file; of a canary where its prompt comes from: `run` or `bundled`. twin: the id of the case that it is a version of, for comparisons of the two.
    """

    sample: Sample
    right: bool
    kind: str = LABEL
    source: str = "bundled"
    twin: str = ""
