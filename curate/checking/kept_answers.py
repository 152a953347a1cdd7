"""An engine whose answers are kept on the disk, so that no request is paid for twice, whatever was killed between.

What compares the samples of a prompt asks about pairs, and each new sample makes all of its prompt's verdicts stale: the
pairs that were compared before need not be asked about again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from curate.store.journal_lines import JournalFile, read_journal
from filters.digest import digest
from filters.engine import Completion, Engine, Request

NAME: Final = "journal-answers.jsonl"


class KeptAnswers:
    """An engine that is asked only for what no answer is kept of; one at a time for a file.

    Of an answer that is kept only its place in the file is held in memory. What was cut off or not answered is asked
    again. path: the file. label: of what answers; other models' answers are not this one's.
    """

    def __init__(self, engine: Engine, path: Path, label: str) -> None:
        self.identity, self.concurrency, self.in_force = engine.identity, engine.concurrency, engine.in_force
        self._engine, self._path, self._label = engine, path, label
        self._places = _find_places(path)
        self._file = JournalFile(path)
        self._reader = path.open("rb")

    async def complete(self, request: Request) -> Completion:
        """The answer that is kept of this request, else a new one."""
        key = self._key(request)
        if (place := self._places.get(key)) is not None:
            return self._read(place)
        made = await self._engine.complete(request)
        if made.finish == "stop":
            told = {
                "text": made.text,
                "read": made.prompt_tokens,
                "written": made.tokens,
                "seeded": made.seeded,
            }
            self._file.add({"key": key, **told})
        return made

    async def close(self) -> None:
        """Close the file and the engine."""
        self._file.close()
        self._reader.close()
        await self._engine.close()

    def _key(self, request: Request) -> str:
        asked: list[Mapping[str, Any]] = [dict(turn) for turn in request.messages]
        return digest(self._label, asked, request.sampling.model_dump(mode="json"), request.seed)

    def _read(self, place: int) -> Completion:
        self._reader.seek(place)
        row = json.loads(self._reader.readline().partition(b" ")[2])
        return Completion(row["text"], "stop", row["read"], row["written"], row["seeded"])


def _find_places(path: Path) -> dict[str, int]:
    """Where each answer's line begins, once a torn tail is cut off."""
    keys = [row["key"] for row in read_journal(path, repair=True)]
    places: dict[str, int] = {}
    if keys:
        with path.open("rb") as lines:
            begin = 0
            for key, line in zip(keys, lines, strict=True):
                places[key] = begin
                begin += len(line)
    return places
