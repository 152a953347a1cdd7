"""What stage functions give back: paths, counts and tables, which the command line shows and a script can use."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType


class StageResult:
    """The result of one stage; each stage's own is a frozen dataclass with what it made."""

    def render(self) -> Iterable[RenderableType]:
        """What the command line shows of it: tables and lines of text."""
        return ()

    @property
    def exit_code(self) -> int:
        """The exit code of the command: 0, or 1 where work is left undone."""
        return 0

    def __rich__(self) -> Group:
        return Group(*self.render())
