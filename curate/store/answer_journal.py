"""What a check's language model has answered, kept for good: no kill, later part or second batch pays for it again.

An answer is found by the key of its request, which holds prompt and text as they were shown, and only where the same check
asked. The chain before an answer is left out. Each line counts what its request took, whoever asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from curate.store.journal_lines import JournalFile, read_journal
from curate.store.layout import Run
from curate.store.whole_files import read_json, write_json
from filters.engine import Completion
from filters.think import CLOSE, split_response

DONE: Final = "done"
"""The key of the line that ends a pass over all samples."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a check's model was asked: requests that it answered, and tokens; uncounted: requests whose tokens nobody counted."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    uncounted: int = 0

    def __str__(self) -> str:
        """In words, for tables."""
        said = f"{self.requests:,} requests, {self.prompt_tokens:,} tokens read, {self.completion_tokens:,} written"
        return f"{said} ({self.uncounted:,} uncounted)" if self.uncounted else said

    def add(self, prompt_tokens: int | None, tokens: int | None) -> Usage:
        """With one request more."""
        return Usage(
            self.requests + 1,
            self.prompt_tokens + (prompt_tokens or 0),
            self.completion_tokens + (tokens or 0),
            self.uncounted + (prompt_tokens is None or tokens is None),
        )


class AnswerJournal:
    """The answers to one check's requests about `samples(name)`. One at a time: its caller holds the verdicts' lock."""

    def __init__(self, run: Run, name: str, label: str, asked: str) -> None:
        self._path, self._usage_path = run.answers(name, label), run.usage(name, label)
        self._digest = asked
        self._known: dict[str, Completion] = {}
        self._old: set[str] = set()
        self.usage = Usage()
        for row in read_journal(self._path, repair=True):
            self._take(row)
        self._file = JournalFile(self._path)

    def _take(self, row: dict[str, Any]) -> None:
        if row["key"] == DONE:
            self._old |= self._known.keys()
            return
        self.usage = self.usage.add(row["prompt_tokens"], row["tokens"])
        if row["digest"] == self._digest:
            counts = (row["prompt_tokens"], row["tokens"])
            self._known[row["key"]] = Completion(row["text"], row["finish"], *counts)
            self._old.discard(row["key"])

    def find(self, key: str) -> Completion | None:
        """The answer to a request."""
        return self._known.get(key)

    def find_new(self, key: str) -> Completion | None:
        """The same, but none of a pass that has ended: what was undecided there is asked again."""
        return None if key in self._old else self.find(key)

    def keep(self, key: str, made: Completion) -> None:
        """Keep an answer."""
        answer = split_response(made.text).answer
        text = made.text if answer is None or CLOSE not in made.text else CLOSE + answer
        row = {
            "key": key, "digest": self._digest, "text": text, "finish": made.finish,
            "prompt_tokens": made.prompt_tokens, "tokens": made.tokens,
        }  # fmt: skip
        self._take(row)
        self._file.add(row)

    def close(self, done: bool) -> None:
        """Close it and tell what was used. done: whether all samples have their verdicts."""
        if done:
            self._file.add({"key": DONE})
        self._file.close()
        told = {field: getattr(self.usage, field) for field in Usage.__dataclass_fields__}
        write_json(self._usage_path, told)


class LaterAnswers:
    """The memory of those who ask again: answers of passes that have ended are not taken."""

    def __init__(self, journal: AnswerJournal) -> None:
        self.find, self.keep = journal.find_new, journal.keep


def read_usage(run: Run, name: str, label: str) -> Usage | None:
    """What a check's model was asked about `samples(name)`, calls before included; None of a check that asks none."""
    about = read_json(run.usage(name, label))
    return None if about is None else Usage(**about)
