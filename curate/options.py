"""The option models of stages: declared once, filled by flags, recipes and Python alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from filters.errors import UserError
from filters.option_values import explain_validation_error

Options = TypeVar("Options", bound="StageOptions")


class StageOptions(BaseModel):
    """What one stage is asked to do.

    flags: plain flags for nested fields, as {"temperature": "sampling.temperature"}.
    arguments: fields given by position.
    renamed: former names of fields, each with the name it has today; the former ones are refused.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    flags: ClassVar[Mapping[str, str]] = {}
    arguments: ClassVar[tuple[str, ...]] = ()
    renamed: ClassVar[Mapping[str, str]] = {}

    def __init__(self, /, **values: Any) -> None:
        """Fill the options. Raises UserError with the first fault in one sentence."""
        try:
            super().__init__(**values)
        except ValidationError as error:
            cls = type(self)
            raise UserError(f"{cls.__name__}: {explain_validation_error(error, cls)}") from error

    @model_validator(mode="before")
    @classmethod
    def _refuse_renamed(cls, values: Any) -> Any:
        former = next((name for name in cls.renamed if isinstance(values, dict) and name in values), None)
        if former is not None:
            raise ValueError(f"option '{former}' is now '{cls.renamed[former]}'")
        return values


def fill(model: type[Options], values: Mapping[str, Any], where: str) -> Options:
    """Validate values into a model; the first fault becomes one sentence that begins with `where`."""
    try:
        return model(**values)
    except UserError as error:
        if not isinstance(error.__cause__, ValidationError):
            raise
        raise UserError(f"{where}: {explain_validation_error(error.__cause__, model)}") from None
