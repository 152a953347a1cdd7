"""What stage functions give back: paths, counts and tables, which the command line shows and a script can use."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

from curate.console import render_plain


class StageResult:
    """The result of one stage; each stage's own is a frozen dataclass with what it made."""

    def render(self) -> Iterable[RenderableType]:
        """What the command line shows of it: tables and lines of text."""
        return ()

    @property
    def exit_code(self) -> int:
        """The exit code of the command: 0, or 1 where work is left undone."""
        return 0

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The same on a console of one's own, where data is no more read as markup than on the command line."""
        yield from render_plain(self.render(), options)
