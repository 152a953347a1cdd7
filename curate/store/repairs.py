"""References that were found wrong, and the ones that take their place: a file beside the prompts, which stay as they are.

Rules judge anew under labels that end in `@repaired`; what is selected by these has the repaired references.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from curate.store.joined import EITHER
from curate.store.layout import EVALUATION, Run, list_parts
from curate.store.parquet import read_part_info, refuse_damaged, scan_files
from curate.store.schema import REPAIRS
from curate.store.storage import STORAGE
from curate.store.whole_files import read_json
from filters.digest import digest
from filters.errors import UserError

REPAIR_SUFFIX: Final = "@repaired"
"""How the label of a rule ends that judged by the repaired references; no label that a user gives can."""


@dataclass(frozen=True, slots=True)
class Repairs:
    """The references of one name's prompts that a judge was asked about. rows: the columns REPAIRS.

    about: `judge`, with its label, model, digest and calibration's digest; and keys of all else that it rests on: of the samples, of
    the rules, of the prompts of evaluations.
    """

    rows: pl.DataFrame
    about: Mapping[str, Any]

    @property
    def done(self) -> pl.DataFrame:
        """The rows of the prompts whose reference is repaired."""
        return self.rows.filter("ok")

    @property
    def key(self) -> str:
        """The content key of what they change: verdicts by other references are stale."""
        return digest(*self.done.select("prompt_id", "answer").sort("prompt_id").rows())


def is_by_repairs(label: str) -> bool:
    """Whether a label is of verdicts by repaired references; `a|b` where one of the two is."""
    return any(single.endswith(REPAIR_SUFFIX) for single in label.split(EITHER))


def read_repairs(run: Run, name: str) -> Repairs | None:
    """The repairs of these prompts; None where none was asked for. Raises UserError where the file is damaged."""
    STORAGE.refresh(run.prompts(name))
    path = run.repairs(name)
    if not path.exists():
        return None
    with refuse_damaged(f"'{path}'"):
        about = read_part_info(path)
        rows = scan_files([path]).select(REPAIRS.names).collect()
    if not (isinstance(about, dict) and {"judge", "parts"} <= about.keys()):
        raise UserError(f"'{path}' was changed by hand: remove it, and run verify with --repair again.")
    return Repairs(rows, about)


def read_repairs_in_force(run: Run, name: str, labels: Iterable[str]) -> pl.DataFrame:
    """The prompts whose references are repaired for what these labels select: prompt_id, reference, answer; none unless one is by repairs."""
    found = read_repairs(run, name) if any(map(is_by_repairs, labels)) else None
    rows = pl.DataFrame(REPAIRS.empty_table()) if found is None else found.done
    return rows.select("prompt_id", "reference", "answer")


def list_evaluated_ids(run: Run) -> set[str]:
    """The ids of the prompts that the evaluations of this run ask."""
    names = [name for name in run.sample_names() if name.startswith(EVALUATION)]
    files = [part for name in names for part in list_parts(run.prompts(name))]
    return {key for file in files for key in scan_files([file]).select("prompt_id").collect()["prompt_id"]}


def find_repair_fault(
    run: Run, name: str, label: str, made: Mapping[str, Any] | None, entries: Mapping[str, Any]
) -> str | None:
    """Why verdicts by repaired references are stale, for a sentence; None where they are not.

    made: what a sidecar of these verdicts says of itself. entries: the checks as they were last asked for, by label.
    """
    entry, rule = entries[label], entries.get(label.removesuffix(REPAIR_SUFFIX), {})
    if rule.get("digest") != entry["digest"]:
        return f"'{entry['check']}' was run with other options since"
    found = read_repairs(run, name)
    if found is None:
        return f"'{run.repairs(name)}' is gone"
    if (made or {}).get("repairs") != found.key:
        return "the references were repaired anew since"
    if found.done.is_empty():
        return None  # on no word of the judge
    if list_evaluated_ids(run) & {*found.done["prompt_id"]}:
        return "an evaluation of this run asks repaired prompts now"
    judge = found.about["judge"]
    if entries.get(judge["label"], {}).get("digest") != judge["digest"]:
        return f"the judge '{judge['label']}', which they rest on, is another now"
    calibration = read_json(run.calibration(name, judge["label"])) or {}
    if calibration.get("digest") != judge["calibration"] or calibration.get("faults") != []:
        return f"the judge '{judge['label']}', which they rest on, was calibrated anew, or errs too often"
    return None
