"""How samples and verdicts cross the socket to a check worker: as plain tuples, which pickle does in C.

Pickling the objects themselves calls Python for each, and takes as long as a quarter of the checks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from filters.types import Prompt, Sample, SignatureVerdict, Verdict

Verdicts = dict[str, list[Verdict]]
"""Label -> verdicts, in the order of a batch's samples."""
PackedSamples = tuple[list[Prompt], list[tuple[int, str, str, int, int | None, str]]]
"""The prompts of a batch, each once, and its samples, each with its prompt's number."""
PackedVerdict = (
    tuple[bool | None, str, float | None, tuple[int, int] | None]
    | tuple[bool | None, str, float | None, tuple[int, int] | None, bytes]
)
"""A verdict's fields; of a signed sample its signature, too."""
PackedVerdicts = dict[str, list[PackedVerdict]]


def pack_samples(batch: Sequence[Sample]) -> PackedSamples:
    """A batch for the way to the worker."""
    prompts = {id(sample.prompt): sample.prompt for sample in batch}
    numbers = {key: number for number, key in enumerate(prompts)}
    rows = [(numbers[id(s.prompt)], s.id, s.response, s.index, s.tokens, s.finish) for s in batch]
    return list(prompts.values()), rows


def unpack_samples(packed: PackedSamples) -> list[Sample]:
    """What `pack_samples` was given."""
    prompts, rows = packed
    return [
        Sample(key, prompts[number], response, index, tokens, finish)
        for number, key, response, index, tokens, finish in rows
    ]


def pack_verdicts(verdicts: Mapping[str, Sequence[Verdict]]) -> PackedVerdicts:
    """Verdicts by label for the way back."""
    return {label: list(map(_pack, given)) for label, given in verdicts.items()}


def _pack(verdict: Verdict) -> PackedVerdict:
    fields = (verdict.ok, verdict.reason, verdict.score, verdict.span)
    return (*fields, verdict.signature) if isinstance(verdict, SignatureVerdict) else fields


def _unpack(row: PackedVerdict) -> Verdict:
    return SignatureVerdict(*row) if len(row) == 5 else Verdict(*row)


def unpack_verdicts(packed: PackedVerdicts) -> Verdicts:
    """What `pack_verdicts` was given; equal verdicts become one object, as most pass alike."""
    known: dict[tuple[object, ...], Verdict] = {}
    found: Verdicts = {}
    for label, rows in packed.items():
        found[label] = [known.get(row) or known.setdefault(row, _unpack(row)) for row in rows]
    return found
