"""The answers of a judge as they come, so that a kill loses none of what was paid for.

They are read again by the sample's id and content, and only where the same check gave them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from curate.store.journal_lines import JournalFile, read_journal, remove_journal
from curate.store.layout import Run
from curate.store.schema import verdict_from_row, verdict_row
from filters.types import Sample, Verdict

NAME: Final = "journal.jsonl"


class VerdictJournal:
    """The journal of one check's verdicts on `samples(name)`. One at a time: its caller holds the verdicts' lock."""

    def __init__(self, run: Run, name: str, label: str, check_digest: str) -> None:
        self._path: Path = run.verdicts(name) / label / NAME
        self._digest = check_digest
        self.known: dict[tuple[str, str], Verdict] = {
            (row["sample_id"], row["content"]): verdict_from_row(row)
            for row in read_journal(self._path, repair=True)
            if row["digest"] == check_digest
        }
        self._file = JournalFile(self._path)

    def add(self, sample: Sample, verdict: Verdict) -> None:
        """Keep a verdict; one that decides nothing is not: it will be asked for again."""
        if verdict.ok is not None:
            self._add(sample.id, sample.content, verdict)

    def keep(self, decided: Mapping[tuple[str, str], Verdict]) -> None:
        """Keep verdicts by sample id and content that stand in sidecars, and wait until they are on the disk."""
        new = {key: verdict for key, verdict in decided.items() if key not in self.known}
        for (sample_id, content), verdict in new.items():
            self._add(sample_id, content, verdict)
        if new:
            self.known |= new
            self._file.sync()

    def _add(self, sample_id: str, content: str, verdict: Verdict) -> None:
        self._file.add({**verdict_row(sample_id, content, verdict), "digest": self._digest})

    def close(self, done: bool) -> None:
        """Close it, and remove it where all of it has reached a part."""
        self._file.close()
        if done:
            remove_journal(self._path)
