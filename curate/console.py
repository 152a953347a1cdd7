"""The one place that shows a person something: results on standard output, what is going on on standard error.

Libraries of ours tell what they do through `logging`; `show_logs` lets a command line show it. A notebook or a
script of one's own decides for itself: `logging.basicConfig(level=logging.INFO)` shows all of it there.
"""

from __future__ import annotations

import logging
import sys
from typing import Final

from rich.console import Console

LOGGERS: Final = ("curate", "distill", "filters", "recipes")
"""The packages whose log messages a command line shows."""
STDERR: Final = Console(stderr=True, highlight=False, markup=False)
"""Where progress and messages go; shared, so that a message never tears a progress bar."""


def emit(*renderables: object) -> None:
    """Print results: text or rich tables, to standard output; no text in them is read as markup."""
    console = Console(highlight=False, markup=False, soft_wrap=not sys.stdout.isatty())
    for renderable in renderables:
        console.print(renderable)


class ConsoleHandler(logging.Handler):
    """Prints each log message as one plain line on standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print a message; its text is never read as markup."""
        STDERR.print(record.getMessage(), soft_wrap=True)


def show_logs() -> None:
    """Show what our packages log, from INFO on; calling it again changes nothing."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(logging.INFO)
        logger.propagate = False
        if not any(isinstance(handler, ConsoleHandler) for handler in logger.handlers):
            logger.addHandler(ConsoleHandler())
