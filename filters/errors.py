"""The exception classes of the project: a mistake that its user can fix, and work that could not be finished."""

from __future__ import annotations

from typing import ClassVar


class UserError(Exception):
    """A mistake that its user can fix: one plain sentence saying what is wrong, where, and what to do."""

    exit_code: ClassVar[int] = 2


class WorkUndone(UserError):  # noqa: N818  a state of the work
    """What was asked is not all done, and not for a mistake in it: one sentence saying why, and how to go on."""

    exit_code: ClassVar[int] = 1
