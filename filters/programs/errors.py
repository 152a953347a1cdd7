"""What is raised where a row's tests cannot be used."""

from __future__ import annotations


class UnreadableTestsError(ValueError):
    """A row's tests that cannot be read: what is wrong, and where."""
