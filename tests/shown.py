"""What the command line shows of a stage's result, as text."""

import io

from curate.console import PlainConsole
from curate.stage_results import StageResult


def shown(result: StageResult, width: int = 120) -> str:
    """The text of a result's tables and lines."""
    console = PlainConsole(file=io.StringIO(), width=width)
    for renderable in result.render():
        console.print(renderable)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert isinstance(text, str)
    return text
