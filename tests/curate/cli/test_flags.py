"""One adapter makes flags, --set paths and recipe keys fill the same option models."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import pytest
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from curate.cli.commands import COMMANDS, load_command
from curate.cli.flags import make_command
from curate.options import StageOptions, fill
from curate.stage_results import StageResult
from filters.errors import UserError


class Oven(BaseModel):
    """A nested model."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    heat: int = Field(180, gt=0)
    """How hot."""
    fan: bool = False
    """Whether the fan runs."""
    rack: str | None = None
    """Which rack."""


class Kitchen(BaseModel):
    """A nested model that nests another."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    oven: Oven = Oven()
    size: float = 1.5
    """How large."""


class BakeOptions(StageOptions):
    """Every kind of field that a command declares."""

    flags: ClassVar = {"heat": "oven.heat", "bake_fan": "oven.fan"}
    arguments: ClassVar = ("recipe", "second")

    recipe: str
    """What to bake."""
    second: str | None = None
    """What else."""
    out: Path
    """Where it goes."""
    style: Literal["flat", "round"] = "flat"
    """Its form."""
    topping: tuple[str, ...] = ()
    """What is on it."""
    swap: Annotated[dict[str, str], BeforeValidator(lambda v: dict(p.split("=") for p in v))] = Field(
        default_factory=dict
    )
    """What replaces what."""
    share: float | None = Field(None, gt=0, le=1)
    """How much of it."""
    gluten: bool = True
    """Whether there is gluten."""
    oven: Oven = Oven()
    kitchen: Kitchen | None = None


def call(function: Any, arguments: Sequence[str]) -> int:
    """Run the command `bake ARGUMENTS` as the command line does; its exit code."""
    with pytest.raises(SystemExit) as stop:
        make_command("bake", BakeOptions, function).main(list(arguments), prog_name="bake")
    return int(stop.value.code or 0)


def bake(*arguments: str) -> BakeOptions:
    """The options that the command line fills."""
    filled: list[BakeOptions] = []

    def stage(options: BakeOptions) -> StageResult:
        filled.append(options)
        return StageResult()

    assert call(stage, arguments) == 0
    return filled[0]


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def test_what_is_not_given_is_the_models_default():
    assert bake("cake", "--out", "o") == BakeOptions(recipe="cake", out=Path("o"))


def test_every_kind_of_field_is_filled_from_its_flag():
    options = bake(
        *("cake", "pie", "--out", "o/p", "--style", "round", "--topping", "a,b", "--topping", "c"),
        *("--swap", "egg=banana", "--swap", "milk=oat", "--share", "0.5", "--no-gluten", "--heat", "200"),
        *("--bake-fan", "--set", "oven.rack=top", "--set", "kitchen.oven.heat=90", "--set", "kitchen.size=2"),
    )
    assert options == BakeOptions(
        recipe="cake",
        second="pie",
        out=Path("o/p"),
        style="round",
        topping=("a,b", "c"),
        swap=["egg=banana", "milk=oat"],  # type: ignore[arg-type]
        share=0.5,
        gluten=False,
        oven=Oven(heat=200, fan=True, rack="top"),
        kitchen=Kitchen(oven=Oven(heat=90), size=2),
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--style", "square"], "bake: option 'style': input should be 'flat' or 'round' (got 'square')."),
        (["--heat", "hot"], "bake: option 'oven.heat': input should be a valid integer"),
        (["--heat", "0"], "bake: option 'oven.heat': input should be greater than 0 (got '0')."),
        (["--set", "oven.hear=1"], "bake: there is no option 'oven.hear'; did you mean 'heat'?"),
        (
            ["--set", "kitchen.oven.rak=1"],
            "bake: there is no option 'kitchen.oven.rak'; did you mean 'rack'?",
        ),
        (["--set", "stile=flat"], "bake: there is no option 'stile'; did you mean 'style'?"),
        (["--set", "oven"], "--set: 'oven' is not of the form key=value."),
        (["--set", "oven=hot"], "bake: option 'oven': "),
        (["--set", "oven=hot", "--set", "oven.heat=3"], "--set: 'oven' is given both a value and options"),
        (["--set", "oven.rack=[1"], "--set: 'oven.rack=[1' has a value that is not YAML"),
        (["--set", "oven=hot", "--heat", "3"], "--set oven=…: 'oven' has options of its own"),
    ],
)
def test_a_wrong_value_is_one_sentence(given: list[str], message: str):
    with pytest.raises(UserError) as refusal:
        bake("cake", "--out", "o", *given)
    assert str(refusal.value).startswith(message)
    assert "\n" not in str(refusal.value)


def test_what_is_required_is_asked_for_by_its_flag(capsys):
    with pytest.raises(UserError, match=r"^bake: option 'out' is required\.$"):
        bake("cake")
    assert call(bool, ["--out", "o"]) == 2
    assert "Missing argument 'RECIPE'" in capsys.readouterr().err


def test_an_unknown_flag_gets_the_nearest(capsys):
    assert call(bool, ["cake", "--stile", "flat"]) == 2
    said = capsys.readouterr().err
    assert "No such option: --stile" in said
    assert "--style" in said


def test_help_tells_defaults_choices_and_the_rest(capsys):
    assert call(bool, ["--help"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"--out +TEXT +Where it goes\. \[required\]", said)
    assert re.search(r"--style +flat\|round +Its form\. \[default: flat\]", said)
    assert re.search(r"--heat +NUMBER +How hot\. \[default: 180\]", said)
    assert re.search(r"--gluten +--no-gluten", said)
    assert "kitchen.oven.heat How hot" in said
    assert "oven.rack Which rack" in said
    assert "oven.heat How hot" not in said.replace("kitchen.oven.heat", "")


def test_recipes_fill_the_same_model():
    assert fill(BakeOptions, {"recipe": "x", "out": "o", "oven": {"heat": "7"}}, "here").oven.heat == 7
    with pytest.raises(UserError, match=r"^stage 2: there is no option 'oven\.hot'; did you mean 'heat'\?$"):
        fill(BakeOptions, {"recipe": "x", "out": "o", "oven": {"hot": 1}}, "stage 2")


def leaves(model: type[BaseModel], prefix: str = "") -> dict[str, Any]:
    """Every option of a model by its dotted path."""
    found = {}
    for name, info in model.model_fields.items():
        inner = [t for t in (info.annotation, *getattr(info.annotation, "__args__", ())) if is_model(t)]
        if inner and not str(info.annotation).startswith("tuple"):
            found |= leaves(inner[0], f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = info
    return found


def is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_every_command_is_reachable_and_explained(name: str):
    model, function = load_command(name)
    built = make_command(name, model, function)
    flags = {parameter.name for parameter in built.params}
    by_flag = set(model.flags.values())
    for path, info in leaves(model).items():
        assert info.description, f"{name}: {path} has no docstring"
        if "." not in path:
            assert path in flags
        elif path not in by_flag:
            assert "set_" in flags
            assert f"`{path}`" in built.epilog
    assert by_flag <= set(leaves(model)), f"{name}: a flag leads nowhere"
    assert set(model.arguments) <= set(model.model_fields)
