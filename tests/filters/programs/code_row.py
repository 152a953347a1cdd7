"""One row of the tables of programs: tests as a data set would hold them, with programs that pass them and programs that must not."""

from typing import Any, NamedTuple


class CodeRow(NamedTuple):
    """columns: the row's own, its tests among them. right: programs that pass. wrong: by what is wrong with them, programs that do not."""

    name: str
    columns: dict[str, Any]
    right: tuple[str, ...]
    wrong: dict[str, str]
