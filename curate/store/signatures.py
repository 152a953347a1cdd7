"""Signatures beside the samples: what a check that compares all samples of a set has made of each, part by part.

They lie in `RUN/signatures/NAME/LABEL`. Such a folder can be kept as an index that samples of other runs are compared with.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from curate.store.layout import Run, list_parts
from curate.store.parquet import read_part_info, refuse_damaged, scan_files
from curate.store.stale_verdicts import holds_these
from curate.store.storable import make_table
from filters.digest import digest, digest_file
from filters.errors import UserError
from filters.set_check import SetCheck
from filters.spec import CheckSpec
from filters.types import Sample, SignatureVerdict, Verdict

SIGNATURES: Final = pa.schema(
    [
        ("sample_id", pa.string()),
        ("content", pa.string()),
        ("row_id", pa.string()),
        ("row_source", pa.string()),
        ("signature", pa.binary()),
        ("reason", pa.string()),
    ]
)
"""row_id, row_source: what the owner of the sample's prompt calls its row, and has it from. reason: why there is no signature."""


def signature_table(batch: Sequence[Sample], given: Sequence[Verdict]) -> pa.Table:
    """The signatures of samples, as their check gave them, as rows of SIGNATURES."""
    columns = {
        "sample_id": [sample.id for sample in batch],
        "content": [sample.content for sample in batch],
        "row_id": [sample.prompt.source_id for sample in batch],
        "row_source": [sample.prompt.source for sample in batch],
        "signature": [one.signature if isinstance(one, SignatureVerdict) else None for one in given],
        "reason": ["" if isinstance(one, SignatureVerdict) else one.reason for one in given],
    }
    return make_table(columns, SIGNATURES)


def build_set_check(spec: CheckSpec) -> SetCheck:
    """The check of a spec that names one that compares all samples of a set."""
    check = spec.build()
    assert isinstance(check, SetCheck), "a check with a set's scope has signatures"
    return check


def describe_signing(check: SetCheck) -> dict[str, Any]:
    """What the metadata of signatures says of the check that made them."""
    return {"check": check.name, "version": check.version, "digest": check.signing_digest}


def find_unsigned(
    run: Run, name: str, part: Path, specs: Sequence[CheckSpec], retry: bool = False
) -> list[CheckSpec]:
    """The checks whose signatures of a part are missing, or of other samples or options. retry: also where one is not there."""
    return [spec for spec in specs if not is_signed(run, name, part, spec, retry)]


def is_signed(run: Run, name: str, part: Path, spec: CheckSpec, retry: bool = False) -> bool:
    """Whether the signatures of a part are those that its check would make now."""
    file = run.signatures(name, spec.label) / part.name
    if not _holds_signatures(file) or read_part_info(file) != describe_signing(build_set_check(spec)):
        return False
    if not holds_these(file, part):
        return False
    return not (retry and pq.read_table(file, columns=["signature"])["signature"].null_count)


def _holds_signatures(file: Path) -> bool:
    try:
        return bool(pq.read_schema(file).remove_metadata().equals(SIGNATURES))
    except (pa.ArrowException, OSError):
        return False


def read_signatures(file: Path) -> tuple[pl.DataFrame, NDArray[np.uint8]]:
    """The rows of a part of signatures without these; and of those that have one, in order, the signatures, shape rows x bytes.

    Raises UserError where the file is damaged.
    """
    with refuse_damaged(f"'{file}'"):
        table = pq.read_table(file)
    signed = table["signature"].drop_null().to_pylist()
    width = len(signed[0]) if signed else 0
    if any(len(one) != width for one in signed):
        raise UserError(f"'{file}' has signatures of several lengths: it was changed by hand; remove it.")
    about = pl.DataFrame(pl.from_arrow(table.drop_columns(["signature"])))
    is_signed = pl.Series("signed", table["signature"].is_valid().to_pylist(), pl.Boolean)
    return about.with_columns(is_signed), np.frombuffer(b"".join(signed), np.uint8).reshape(
        len(signed), width
    )


def list_index(place: str, check: SetCheck) -> list[Path]:
    """The parts of an index: a folder of signatures. Raises UserError where it is none, or made with other options."""
    folder = Path(place)
    parts = list_parts(folder) if folder.is_dir() else []
    if not parts:
        raise UserError(
            f"'{place}' is no index of signatures: it is a folder RUN/signatures/NAME/{check.name} of a run, or a copy of one."
        )
    for part in parts:
        if not _holds_signatures(part) or read_part_info(part) != describe_signing(check):
            raise UserError(
                f"'{part}' holds no signatures as '{check.name}' makes them with these options: make them anew, with filter."
            )
    return parts


def digest_index(place: str, check: SetCheck) -> str:
    """The content key of an index."""
    return digest([(part.name, digest_file(part)) for part in list_index(place, check)])


def count_unsigned(run: Run, name: str, label: str) -> int:
    """How many samples have no signature, because the check failed on them."""
    files = [run.signatures(name, label) / part.name for part in list_parts(run.samples(name))]
    return int(scan_files(files).select((pl.col("reason") != "").sum()).collect().item()) if files else 0
