"""The one place that shows a person something: results on standard output, what is going on on standard error.

Libraries of ours tell what they do through `logging`; `show_logs` lets a command line show it. A notebook or a
script of one's own decides for itself: `logging.basicConfig(level=logging.INFO)` shows all of it there.

Whatever is shown goes through a `PlainConsole`: data can neither steer the terminal nor be read as markup.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from typing import Any, Final

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.segment import Segment
from rich.text import Span, Text

from curate.visible_text import escape_controls

LOGGERS: Final = ("curate", "distill", "filters", "recipes")
"""The packages whose log messages a command line shows."""


class PlainConsole(Console):
    """A console on which no text is markup or an emoji's name, and controls and hidden characters are shown by name.

    Text is made visible before it is laid out, so that tables stay straight, and again as it leaves: nothing that
    brings its own segments passes by.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(highlight=False, markup=False, emoji=False, **settings)

    def render_str(self, text: str, **settings: Any) -> Text:
        """A text as it may be shown."""
        return super().render_str(escape_controls(text), **settings)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The segments of anything, as they may be shown; rich's own control codes stay."""
        shown = _escape_text(renderable) if isinstance(renderable, Text) else renderable
        for segment in super().render(shown, options):
            text = segment.text if segment.control else escape_controls(segment.text)
            yield segment if text == segment.text else Segment(text, segment.style)


def _escape_text(text: Text) -> Text:
    """A text with its styles on the characters they were on."""
    escaped = text.blank_copy(escape_controls(text.plain))
    for start, end, style in text.spans:
        escaped.spans.append(Span(*_move_span(text.plain, start, end), style))
    return escaped if escaped.plain != text.plain else text


def _move_span(text: str, start: int, end: int) -> tuple[int, int]:
    """Where a stretch of a text is once the text is escaped."""
    return len(escape_controls(text[:start])), len(escape_controls(text[:end]))


def mark_spans(text: str, spans: Iterable[tuple[int, int]], style: str) -> Text:
    """A text in which these stretches have a style. Rich alone would drop some controls, and move the rest."""
    marked = Text(escape_controls(text))
    for start, end in spans:
        marked.stylize(style, *_move_span(text, start, end))
    return marked


STDERR: Final = PlainConsole(stderr=True)
"""Where progress and messages go; shared, so that a message never tears a progress bar."""


def emit(*renderables: RenderableType) -> None:
    """Print results, text or rich tables, to standard output."""
    console = PlainConsole(soft_wrap=not sys.stdout.isatty())
    for renderable in renderables:
        console.print(renderable)


def show(*renderables: RenderableType) -> None:
    """Print what goes with a result and is none, text or rich tables, to standard error."""
    for renderable in renderables:
        STDERR.print(renderable, soft_wrap=isinstance(renderable, str))


def render_plain(renderables: Iterable[RenderableType], options: ConsoleOptions) -> Iterable[Segment]:
    """What `emit` would print, for a console of somebody's own."""
    return STDERR.render(Group(*renderables), options)


def write_message(text: str) -> None:
    """Write a message to standard error; what follows its first line is indented, so that data forges no message."""
    STDERR.print(text.replace("\n", "\n  "), soft_wrap=True)


class ConsoleHandler(logging.Handler):
    """Writes each log message to standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a message."""
        write_message(record.getMessage())


def show_logs() -> None:
    """Show what our packages log, from INFO on; calling it again changes nothing."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(logging.INFO)
        logger.propagate = False
        if not any(isinstance(handler, ConsoleHandler) for handler in logger.handlers):
            logger.addHandler(ConsoleHandler())
