"""The error model's one exception of our own: a mistake that its user can fix."""

from __future__ import annotations


class UserError(Exception):
    """A mistake its user can mend: one plain sentence saying what is wrong, where, and what to do."""
