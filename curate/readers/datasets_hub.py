"""Data sets on the Hub, streamed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from curate.readers.cards import CARD, LONGEST_CARD
from curate.readers.formats.kinds import PACKINGS, SUFFIXES
from curate.readers.formats.places import say_error, unreachable
from curate.readers.row import Row, number_rows
from filters.errors import UserError

_NO_FILE = "".join(rf"(?<!{re.escape(ending)})" for ending in (*SUFFIXES, *PACKINGS))
HUB_SET = re.compile(rf"(?P<name>[\w.-]+/[\w.-]+{_NO_FILE})(:(?P<config>[\w.-]+))?(@(?P<revision>[\w./-]+))?")
"""A Hub set's name, with a configuration and a revision where they matter: openai/gsm8k:main@e53f048."""


_COMMIT: Final = re.compile(r"[0-9a-f]{40}")


class PinnedSet(NamedTuple):
    """A Hub set's address with the commit that it has now, and its splits."""

    address: str
    splits: list[str]


def pin_hub_set(source: re.Match[str], config: str | None = None) -> PinnedSet:
    """Ask the Hub for a set's commit and splits. Raises UserError where it gives neither."""
    from datasets import get_dataset_split_names
    from huggingface_hub import HfApi

    name, config, revision = source["name"], source["config"] or config, source["revision"]
    try:
        commit = revision
        if revision is None or not _COMMIT.fullmatch(revision):
            commit = HfApi().dataset_info(name, revision=revision).sha
        splits = get_dataset_split_names(name, config, revision=commit)
    except unreachable(ValueError, RuntimeError) as error:
        why = " ".join(str(error).split())[:300]
        raise UserError(
            f"There is no file '{source[0]}', and the Hub gives no such data set: {why}"
        ) from None
    return PinnedSet(f"{name}{f':{config}' if config else ''}@{commit}", list(map(str, splits)))


def read_hub_set(source: re.Match[str], split: str, config: str | None = None) -> Iterator[Row]:
    """The rows of a data set on the Hub, streamed. `config` is one named beside the source rather than in it."""
    from datasets import load_dataset

    name, named, revision = source["name"], source["config"], source["revision"]
    if named and config and named != config:
        raise UserError(
            f"'{source[0]}' names the configuration '{named}', but --config is '{config}'. Leave one out."
        )
    try:
        found = load_dataset(name, named or config, split=split, revision=revision, streaming=True)
    except unreachable(ValueError, RuntimeError) as error:  # the last: a set that is a script
        why = " ".join(str(error).split())[:300]
        raise UserError(
            f"There is no file '{source[0]}', and the Hub gives no such data set: {why}"
        ) from None
    number = 0
    try:
        for row in number_rows(found, source[0]):
            number += 1
            yield row
    except unreachable() as error:
        raise UserError(
            f"{source[0]}: the Hub gave no more after row {number} ({say_error(error)}). "
            "Try again, or download the set and give its folder."
        ) from None


def fetch_card(source: re.Match[str]) -> bytes | None:
    """The card of a Hub set; None where the Hub does not give it now, or there is none."""
    from huggingface_hub import hf_hub_download

    try:
        file = hf_hub_download(source["name"], CARD, repo_type="dataset", revision=source["revision"])
    except unreachable(ValueError):
        return None
    return Path(file).read_bytes()[:LONGEST_CARD]
