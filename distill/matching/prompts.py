"""A set's prompts as the student is given them, each once, in a memory-mapped file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa

from curate.engines.chat_template import Chat
from curate.progress import open_meter
from curate.readers.prompts import read_messages
from curate.readers.read_rows import read_rows
from curate.store.parquet import split_chunks
from curate.store.whole_files import read_json, write_aside, write_json
from filters.digest import digest
from filters.engine import EngineError
from filters.errors import UserError

ROWS_A_CHUNK: Final = 512
SCHEMA: Final = pa.schema([("input_ids", pa.list_(pa.int32()))])


class PromptCounts(NamedTuple):
    """What became of a set's rows: a prompt that several rows share is used once."""

    prompts: int
    repeated: int
    too_long: int
    longest: int


def tokenize_prompts(source: Path, chat: Chat, longest: int, folder: Path) -> PromptCounts:
    """Write `folder`/prompts.arrow, with prompts of at most `longest` tokens, unless it is there already.

    Raises UserError where a row has no prompt, the template refuses one, or none can be used.
    """
    counts = read_json(folder / "prompts.json")
    if counts is not None:
        return PromptCounts(**counts)
    with write_aside(folder / "prompts.arrow") as aside:
        found = _write(aside, source, chat, longest)
    if found.prompts == 0:
        raise UserError(
            f"No prompt of '{source}' can be used: {found.too_long} leave no room for a response, since only {longest} "
            "tokens are left for a prompt: raise --max-length or lower --max-tokens."
        )
    write_json(folder / "prompts.json", found._asdict())
    return found


def _write(path: Path, source: Path, chat: Chat, longest: int) -> PromptCounts:
    seen: set[str] = set()
    used = repeated = too_long = most = 0
    with (
        pa.OSFile(str(path), "wb") as file,
        pa.ipc.new_stream(file, SCHEMA) as stream,
        open_meter(f"tokenizing {source.name}", None) as progress,
    ):
        for chunk in split_chunks(_render(source, chat), ROWS_A_CHUNK):
            fresh = []
            for ids in chunk:
                key = digest(ids)
                repeated += key in seen
                too_long += key not in seen and len(ids) > longest
                if key not in seen and len(ids) <= longest:
                    fresh.append(ids)
                seen.add(key)
            stream.write_table(pa.table({"input_ids": fresh}, SCHEMA))
            used, most = used + len(fresh), max([most, *map(len, fresh)])
            progress.advance(len(chunk))
    return PromptCounts(used, repeated, too_long, most)


def _render(source: Path, chat: Chat) -> Iterator[list[int]]:
    for row in read_rows(str(source)):
        if "prompt" not in row.values:
            there = ", ".join(row.values) or "none"
            raise UserError(f"{row.place}: there is no column 'prompt' to answer; there are: {there}.")
        try:
            yield chat.render(read_messages(row)).ids
        except EngineError as error:
            raise UserError(f"{row.place}: the student cannot be given this prompt: {error}.") from None
