"""What rows say themselves of whether they are right, kept as verdicts beside those of our own checks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from curate.readers.read_samples import ReadSample
from curate.store.given_checks import record_given
from curate.store.layout import Run, list_parts
from curate.store.parquet import scan_files, write_table
from curate.store.schema import VERDICTS
from curate.store.storable import make_table
from curate.store.verdicts import GIVEN, NOT_GIVEN, describe_given
from filters.digest import digest
from filters.types import Verdict


def list_given(one: ReadSample) -> dict[str, Verdict]:
    """The verdicts that a row brings along, by label: its flags, that it was cut off, and those of earlier checks."""
    given = {_label(name): Verdict(flag, f"{GIVEN}: {name}") for name, flag in one.facts.flags.items()}
    if one.facts.cut is not None:
        column, word = one.facts.cut
        given[_label(column)] = Verdict(False, f"{word}: the response is not whole")
    if one.verdicts is None:
        if one.facts.kept is not None:
            given["kept"] = Verdict(one.facts.kept, f"{GIVEN}: kept")
        return given
    for label, said in one.verdicts.items():
        if isinstance(said, Mapping):
            given[_label(label)] = _read_verdict(said)
    return given


def find_objection(one: ReadSample) -> str | None:
    """What a row says against itself; None where nothing. Earlier verdicts count as `kept` sums them up."""
    if one.facts.kept is False:
        return "kept is false"
    if one.facts.cut is not None:
        return "{} is {}".format(*one.facts.cut)
    wrong = next((name for name, flag in one.facts.flags.items() if not flag), None)
    if wrong is None and one.facts.kept is None and one.verdicts:
        said = {
            label: verdict.get("ok")
            for label, verdict in one.verdicts.items()
            if isinstance(verdict, Mapping)
        }
        wrong = next((label for label, ok in said.items() if ok is not True), None)
        return None if wrong is None else f"{wrong} is {'false' if said[wrong] is False else 'undecided'}"
    return None if wrong is None else f"{wrong} is false"


def _label(column: str) -> str:
    """A column's name as a label, which is a folder's name too, and another one for each column."""
    safe = re.sub(r"[^A-Za-z0-9._-]", "_", column).lstrip(".-")
    return safe if safe == column else f"{safe or GIVEN}-{digest(column)[:6]}"


def _read_verdict(said: Mapping[str, Any]) -> Verdict:
    ok, score, reason = said.get("ok"), said.get("score"), said.get("reason")
    return Verdict(
        ok if isinstance(ok, bool) else None,
        reason if isinstance(reason, str) else "",
        float(score) if isinstance(score, (int, float)) and not isinstance(score, bool) else None,
    )


class GivenVerdicts:
    """Writes the verdicts of imported samples; a label that one part has is there on all."""

    def __init__(self, run: Run, name: str) -> None:
        self._run, self._name = run, name
        self.labels: list[str] = []

    def write(
        self,
        part: Path,
        ids: Sequence[str],
        contents: Sequence[str],
        said: Mapping[str, Mapping[int, Verdict]],
    ) -> None:
        """The verdicts on a part's samples, which have these ids and content keys.

        said: by label what rows say, by the sample's place in the part.
        """
        for label in said:
            if label not in self.labels:
                self.labels.append(label)
        for label in self.labels:
            given = said.get(label, {})
            rows = [
                _row(key, content, given.get(at))
                for at, (key, content) in enumerate(zip(ids, contents, strict=True))
            ]
            self._write(part, label, rows)

    def complete(self) -> None:
        """Say of the parts whose rows said nothing that they did not."""
        for part in list_parts(self._run.samples(self._name)):
            missing = [
                label for label in self.labels if not self._run.sidecar(self._name, label, part).exists()
            ]
            if missing:
                keys = scan_files([part]).select(pl.col("sample_id"), pl.col("content")).collect().rows()
                for label in missing:
                    self._write(part, label, [_row(key, content, None) for key, content in keys])
        if self.labels:
            record_given(self._run, self._name, self.labels)

    def _write(self, part: Path, label: str, rows: Sequence[Mapping[str, Any]]) -> None:
        table = make_table(rows, VERDICTS)
        write_table(self._run.sidecar(self._name, label, part), table, describe_given(label))


def _row(key: str, content: str, verdict: Verdict | None) -> dict[str, Any]:
    said = verdict or Verdict(None, NOT_GIVEN)
    return {"sample_id": key, "content": content, "ok": said.ok, "reason": said.reason, "score": said.score}
