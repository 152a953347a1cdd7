"""Which checks a stage runs: their names, labels and options, as flags and recipes write them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from curate.folder import checked_name
from filters.check import Check
from filters.registry import make_check, parse_spec
from filters.vocabulary import UserError


class CheckSpec(BaseModel):
    """A check by name, with its options, under a label."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    check: str
    """A check's name, or file.py:Class."""
    label: str
    """The name its verdicts are kept under; the check's own unless given."""
    options: dict[str, Any] = {}
    """The check's options."""
    after: str | None = None
    """The label of a rule: only what it left undecided is asked of this check, a judge."""

    def build(self) -> Check:
        """The check itself."""
        return make_check(self.check, self.options)


def read_spec(value: Any) -> Any:
    """A spec from `NAME:key=value`, from {NAME: {options}}, or as it is.

    The check is built once here, so that a wrong name or option is refused before any work.
    """
    if isinstance(value, CheckSpec):
        return value
    if isinstance(value, str):
        check, options = parse_spec(value)
        value = {"check": check, "options": options}
    elif isinstance(value, dict) and "check" not in value and len(value) == 1:
        ((check, options),) = value.items()
        value = {"check": check, "options": options or {}}
    built = make_check(value.get("check", ""), value.get("options"))
    return {**value, "label": checked_name(value.get("label") or built.name)}


def spec_of(value: Any) -> CheckSpec:
    """A spec from what flags and recipes write."""
    return CheckSpec.model_validate(read_spec(value))


Spec = Annotated[CheckSpec, BeforeValidator(read_spec)]


def distinct(specs: Sequence[CheckSpec]) -> tuple[CheckSpec, ...]:
    """The specs, refused where two would write to one label."""
    labels = [spec.label for spec in specs]
    for label in labels:
        if labels.count(label) > 1:
            raise UserError(f"Two checks are both labelled '{label}'; give one a label of its own.")
    return tuple(specs)
