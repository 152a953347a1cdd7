"""Which checks a stage runs: the parsing of `--check NAME:key=value` and of what recipes write, with labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from filters.check import Check, EngineCheck
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


def is_rule_of_answers(check: Check) -> bool:
    """Whether a check proves answers right or wrong by the reference, without asking a model."""
    return check.compares_answers and check.scope == "sample" and not isinstance(check, EngineCheck)


def is_judge_of_answers(check: Check) -> bool:
    """Whether a check asks a model if answers are right: what it says stands only where no rule has decided."""
    return check.compares_answers and isinstance(check, EngineCheck)


def place_judges(specs: Sequence[CheckSpec], earlier: Sequence[str] = ()) -> tuple[CheckSpec, ...]:
    """The specs with each judge of answers after the rule beside it, so that it is asked only of what that left undecided.

    earlier: labels of rules that were run on the same samples before; they count where there is none among the specs.
    Raises UserError where there are several rules, and a judge does not say which it comes after.
    """
    built = {spec.label: spec.build() for spec in specs}
    rules = [label for label, check in built.items() if is_rule_of_answers(check)] or list(earlier)
    return tuple(
        _place_judge(spec, built, rules) if is_judge_of_answers(built[spec.label]) else spec for spec in specs
    )


def _place_judge(spec: CheckSpec, built: Mapping[str, Check], rules: Sequence[str]) -> CheckSpec:
    if spec.after is None and len(rules) > 1:
        raise UserError(
            f"'{spec.label}' decides only what a rule could not, and there are several ({', '.join(rules)}): say which it "
            f"comes after, in a recipe as {{check: {spec.check}, after: {rules[0]}}}."
        )
    before = None if spec.after is None else built.get(spec.after)
    if before is not None and rules and not before.compares_answers:
        raise UserError(
            f"'{spec.label}' comes after '{spec.after}', which proves no answer right or wrong: let it come after '{rules[0]}'."
        )
    return spec.model_copy(update={"after": rules[0]}) if spec.after is None and rules else spec
