"""Installed packages that programs may import: their files and those of what they need, and nothing else of the environment."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution, packages_distributions
from pathlib import Path
from typing import Final, NamedTuple

from filters.errors import UserError

_NEEDED: Final = re.compile(r"([A-Za-z0-9._-]+)[^;]*\Z")
"""A requirement without a condition: those with one are other machines' or extras'."""


class Packages(NamedTuple):
    """Packages to be imported: their names, and the files and folders that they are."""

    names: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


def find_packages(names: tuple[str, ...]) -> Packages:
    """The packages by the names that programs import. Raises UserError where one is not installed."""
    if not names:
        return Packages()
    known = packages_distributions()
    found: dict[str, Distribution] = {}
    for name in names:
        if name not in known:
            raise UserError(f"The package '{name}', which programs are to have, is not installed here: pip install {name}.")  # fmt: skip
        _add(known[name][0], found)
    places = {place for one in found.values() for place in _list_places(one)}
    return Packages(names, tuple(sorted(places)))


def _add(name: str, found: dict[str, Distribution]) -> None:
    """Add a distribution and what it needs."""
    if name in found:
        return
    try:
        found[name] = distribution(name)
    except PackageNotFoundError:
        return
    for line in found[name].requires or ():
        needed = _NEEDED.match(line)
        if needed is not None:
            _add(needed[1], found)


def _list_places(one: Distribution) -> set[str]:
    """The folders and files that lie beside each other where packages are installed."""
    root = Path(str(one.locate_file(""))).resolve()
    tops = {Path(file).parts[0] for file in one.files or () if Path(file).parts[0] not in ("..", "__pycache__")}  # fmt: skip
    return {str(root / top) for top in tops if (root / top).exists()}
