"""Whatever is printed, no data steers the terminal, forges a message, or is read as markup."""

import io
import logging
from collections.abc import Iterator

import pytest
from rich.console import Console, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from curate import progress
from curate.console import ConsoleHandler, PlainConsole, emit, mark_spans, write_message
from curate.stage_results import StageResult

HOSTILE = "[/bold] [red]x[/] :warning: \x1b[2J\x1b]0;title\x07 a\rb \u202eevil\u2066 \ud800 \x9b31m \x08"
NAMED = "⟨U+001B⟩[2J⟨U+001B⟩]0;title⟨U+0007⟩ a⟨U+000D⟩b ⟨U+202E⟩evil⟨U+2066⟩ ⟨U+D800⟩ ⟨U+009B⟩31m ⟨U+0008⟩"


def table() -> Table:
    found = Table("head", HOSTILE, title=HOSTILE, caption=HOSTILE)
    found.add_row(HOSTILE, Text(HOSTILE, "bold"))
    return found


def require_harmless(said: str) -> None:
    assert not set(said) & {"\x1b", "\x07", "\x08", "\r", "\x9b", "\u202e", "\u2066"}
    assert ":warning:" in said and "[/bold]" in said
    said.encode()


@pytest.mark.parametrize("shown", [HOSTILE, Text(HOSTILE), table(), Panel(HOSTILE)])
def test_results_show_what_they_hold(shown: RenderableType, capsys: pytest.CaptureFixture[str]):
    emit(shown)
    require_harmless(capsys.readouterr().out)


def test_a_line_is_shown_whole(capsys: pytest.CaptureFixture[str]):
    emit(HOSTILE)
    assert NAMED in capsys.readouterr().out


def test_a_message_is_one_message(capsys: pytest.CaptureFixture[str]):
    # Apart from all others: test processes tell each other what was logged, and cannot say a lone surrogate.
    logger = logging.Logger("alone")
    logger.addHandler(ConsoleHandler())
    logger.warning(f"row {HOSTILE}\nr1curate: all is well")
    said = capsys.readouterr().err
    require_harmless(said)
    assert NAMED in said and said.endswith("\n  r1curate: all is well\n")
    write_message("one\ntwo")
    assert capsys.readouterr().err == "one\n  two\n"


def test_styles_stay_and_lie_where_they_lay():
    console = PlainConsole(file=io.StringIO(), force_terminal=True, color_system="standard", width=80)
    console.print(mark_spans("a\x1b\rbcd\x07e", [(3, 5)], "red"))
    console.print(Text.assemble("a\x1b", ("bc", "red"), "d"))
    written = console.file.getvalue()
    assert written == "a⟨U+001B⟩⟨U+000D⟩\x1b[31mbc\x1b[0md⟨U+0007⟩e\na⟨U+001B⟩\x1b[31mbc\x1b[0md\n"


class Result(StageResult):
    def render(self) -> Iterator[RenderableType]:
        yield HOSTILE
        yield table()


def test_a_result_is_as_harmless_on_a_console_of_ones_own():
    console = Console(file=io.StringIO(), width=100)
    console.print(Result())
    require_harmless(console.file.getvalue())


def test_a_bar_shows_titles_and_remarks_as_they_are(monkeypatch: pytest.MonkeyPatch):
    terminal = PlainConsole(file=io.StringIO(), force_terminal=True, color_system=None, width=300)
    monkeypatch.setattr(progress, "STDERR", terminal)
    with progress.open_meter("[/title] \x1b]0;x\x07", 3) as meter:
        meter.advance(remark="[/remark] \x1b[2J \u202e")
    written = terminal.file.getvalue()
    assert "[/title] ⟨U+" in written and "[/remark] ⟨U+" in written
    assert "\x1b]0" not in written and "\u202e" not in written
