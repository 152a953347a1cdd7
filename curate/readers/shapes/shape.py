"""What a shape of rows is: it knows which rows have it, and reads these into samples."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from curate.readers.shapes.columns import Columns
from curate.readers.shapes.parts import Values
from curate.readers.shapes.reading import SampleReading


class Shape(ABC):
    """One shape of rows. `fits` looks at which columns there are and what kind of cells they hold; `read` may still refuse."""

    name: ClassVar[str]
    needs: ClassVar[str]
    """What a row of this shape has, in words."""

    @abstractmethod
    def fits(self, values: Values, columns: Columns) -> bool:
        """Whether a row has this shape. Raises Misfit where it seems to have it, and cannot be read."""

    def yields(self, values: Values, columns: Columns) -> bool:
        """Whether a row that has this shape holds what goes before it, where nobody asks for this one."""
        return False

    @abstractmethod
    def read(self, values: Values, columns: Columns) -> list[SampleReading]:
        """The row's samples. Raises Misfit with what is wrong."""
