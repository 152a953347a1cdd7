"""Which checks a stage runs: the parsing of `--check NAME:key=value` and of what recipes write, with labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from filters.check import Check
from filters.chosen_names import validate_name
from filters.errors import UserError
from filters.option_values import parse_options, split_pairs
from filters.registry import is_built_in, make_check


def parse_spec(text: str) -> tuple[str, dict[str, Any]]:
    """The name and options in `NAME:key=value,key=value`; values read as YAML, keys may be dotted."""
    name, _, rest = text.partition(":")
    if rest and not is_built_in(name) and "=" not in rest.partition(":")[0]:
        attribute, _, rest = rest.partition(":")
        name = f"{name}:{attribute}"
    return name, parse_options(split_pairs(rest), f"--check {text}")


def list_required(specs: Sequence[CheckSpec]) -> tuple[str, ...]:
    """The columns that prompts must have for these checks: a reference answer, unless all that verify do without."""
    verifiers = [check for spec in specs if (check := spec.build()).role == "verifier"]
    compare = not verifiers or any(check.needs_reference for check in verifiers)
    return ("prompt", "answer") if compare else ("prompt",)


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

    def __str__(self) -> str:
        """The spec as `--check` takes it."""
        options = ",".join(f"{key}={value}" for key, value in self.options.items())
        return f"{self.check}:{options}" if options else self.check

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
    if value.get("after") and built.scope == "prompt":
        raise UserError(
            f"'{built.name}' compares all samples of a prompt and cannot come after another check."
        )
    return {**value, "label": validate_name(value.get("label") or built.name)}


def make_spec(value: Any) -> CheckSpec:
    """A spec from what flags and recipes write."""
    return CheckSpec.model_validate(read_spec(value))


Spec = Annotated[CheckSpec, BeforeValidator(read_spec)]


def require_distinct_labels(specs: Sequence[CheckSpec]) -> tuple[CheckSpec, ...]:
    """The specs, refused where two would write to one label."""
    labels = [spec.label for spec in specs]
    for label in labels:
        if labels.count(label) > 1:
            raise UserError(
                f"Two checks are both labelled '{label}'; give one a label of its own in a recipe: {{check: NAME, label: LABEL}}."
            )
    return tuple(specs)
