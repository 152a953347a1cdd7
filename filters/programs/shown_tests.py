"""What a row's tests show of the program that is asked for, where those that are hidden from it cannot be read, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from filters.programs.errors import UnreadableTestsError
from filters.programs.program_tests import ProgramTests
from filters.programs.read_tests import PLACES, read_tests

_HIDDEN: Final = frozenset(
    {"private_tests", "private_test_cases", "hidden_tests", "generated_tests", "generated_test_cases"}
)
"""Many, large, and of the same kind as those that are shown."""


def read_shown_tests(row: Mapping[str, Any]) -> ProgramTests | None:
    """The tests of a row without its hidden ones, or all where it shows none; None where there are none that can be read."""
    for left_out in (_HIDDEN, frozenset[str]()):
        shown = {name: cell for name, cell in row.items() if name not in left_out}
        try:
            tests = read_tests(shown) if any(name in shown for name in PLACES) else None
        except UnreadableTestsError:
            continue
        if tests is not None:
            return tests
    return None
