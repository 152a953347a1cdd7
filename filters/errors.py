"""The one exception class of the project: a mistake that its user can fix."""

from __future__ import annotations


class UserError(Exception):
    """A mistake that its user can fix: one plain sentence saying what is wrong, where, and what to do."""
