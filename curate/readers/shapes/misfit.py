"""What a row is when no shape fits it."""

from __future__ import annotations


class Misfit(Exception):  # noqa: N818 - no mistake of ours: what the row is
    """Why a row, or a cell of it, is none of the known shapes: a clause that goes on from `file, row 3: `."""
