"""The card of a Hub set (README.md): its YAML names the files of each configuration and split, and nothing outside the folder."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

import yaml

from filters.errors import UserError

CARD: Final = "README.md"
LONGEST_CARD: Final = 1 << 20
"""Bytes of a card that are looked at."""
_HEADER: Final = re.compile(r"\ufeff?---\s*\n(.*?)\n---\s*(\n|\Z)", re.DOTALL)


def read_configs(card: bytes, name: str) -> dict[str, Mapping[str, Any]]:
    """The configurations that a card declares with files, by their names; none where it declares none."""
    configs = _read_header(card, name).get("configs")
    found: dict[str, Mapping[str, Any]] = {}
    for config in configs if isinstance(configs, list) else []:
        if isinstance(config, dict) and ("data_files" in config or "data_dir" in config):
            found[str(config.get("config_name", "default"))] = config
    return found


def read_licence(card: bytes, name: str) -> str | None:
    """The licence that a card declares, by its identifier; None where it declares none, or several. Raises UserError as `read_configs`."""
    said = _read_header(card, name).get("license")
    several = said if isinstance(said, list) else [said]
    return several[0].strip() or None if len(several) == 1 and isinstance(several[0], str) else None


def _read_header(card: bytes, name: str) -> Mapping[str, Any]:
    """The YAML at a card's beginning; nothing where there is none."""
    header = _HEADER.match(card.decode("utf-8", "replace").replace("\r\n", "\n"))
    try:
        said = yaml.safe_load(header[1]) if header else None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UserError(
            f"{name}: the YAML at its beginning cannot be read ({str(error).partition(chr(10))[0]})."
        ) from None
    return said if isinstance(said, dict) else {}


def choose_config(
    configs: Mapping[str, Mapping[str, Any]], asked: str | None, source: str
) -> Mapping[str, Any]:
    """The configuration asked for, or the one that is the default. Raises UserError where none is."""
    if asked is not None and asked not in configs:
        raise UserError(f"'{source}' has no configuration '{asked}'; there are: {', '.join(configs)}.")
    marked = [name for name, config in configs.items() if config.get("default") is True]
    by_default = asked or next(iter(marked), None) or ("default" if "default" in configs else None)
    if by_default is None and len(configs) > 1:
        raise UserError(
            f"'{source}' has several configurations: {', '.join(configs)}. Name one: --config {next(iter(configs))}"
        )
    return configs[by_default or next(iter(configs))]


def list_patterns(config: Mapping[str, Any]) -> dict[str, list[str]] | None:
    """The patterns of each split's files; None where the names of the files tell."""
    files, folder = config.get("data_files"), str(config.get("data_dir") or "").strip("/")
    if files is None:
        return None
    entries = files if isinstance(files, list) else [files]
    if isinstance(files, dict) and "path" not in files:
        entries = [{"split": split, "path": path} for split, path in files.items()]
    patterns: dict[str, list[str]] = {}
    for entry in entries:
        split, paths = (
            (str(entry.get("split", "train")), entry.get("path"))
            if isinstance(entry, dict)
            else ("train", entry)
        )
        for path in paths if isinstance(paths, list) else [paths]:
            if not isinstance(path, str):
                raise UserError(
                    f"{CARD}: the files of the split '{split}' are not named by texts. Mend the card."
                )
            patterns.setdefault(split, []).append(f"{folder}/{path}" if folder else path)
    return patterns


def match_files(patterns: Iterable[str], paths: Iterable[str]) -> list[str]:
    """The paths that one of the patterns names, in their order: `*` within a name, `**` over any number of folders."""
    wanted = [tuple(pattern.removeprefix("./").split("/")) for pattern in patterns]
    return [path for path in paths if any(_matches(tuple(path.split("/")), parts) for parts in wanted)]


def _matches(path: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    """Part by part and without going back, as a card may be made to take forever."""
    reached = {0}
    for at, part in enumerate(pattern):
        if part == "**":
            reached = set(range(min(reached) + (at == len(pattern) - 1), len(path) + 1))
        else:
            reached = {here + 1 for here in reached if here < len(path) and fnmatchcase(path[here], part)}
        if not reached:
            return False
    return len(path) in reached
