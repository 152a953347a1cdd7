"""The answers of a judge as they come, so that a kill loses none of what was paid for.

They are read again by the sample's id and content, and only where the same check gave them.
"""

from __future__ import annotations

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
            row = verdict_row(sample.id, sample.content, verdict)
            self._file.add({**row, "digest": self._digest})

    def close(self, done: bool) -> None:
        """Close it, and remove it where all of it has reached a part."""
        self._file.close()
        if done:
            remove_journal(self._path)
