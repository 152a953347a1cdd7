"""`run`: a recipe is an ordered list of stages, each the options of one command; running it again goes on.

Every stage knows by itself what is already there, so a recipe needs no record of its progress: all stages
are called again, and those with nothing to do return at once.
"""

from __future__ import annotations

import difflib
import importlib.resources
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from rich.table import Table

from curate.commands import STAGES, load
from curate.console import emit, note
from curate.folder import Run, checked_name, read_json, write_json, writing_aside
from curate.options import StageOptions, fill
from filters.registry import nearest, parse_options
from filters.vocabulary import UserError, digest


class RunOptions(StageOptions):
    """Run a recipe."""

    arguments = ("recipe",)

    recipe: str
    """A recipe's file, or the name of one that comes along (see `r1curate recipes`)."""
    run: Path | None = None
    """The run folder; runs/NAME unless given."""
    override: tuple[str, ...] = ()
    """Other options for all stages of a kind, as STAGE.option=value, e.g. generate.samples=4. Repeatable."""
    dry_run: bool = False
    """Only show the resolved plan."""


class RecipesOptions(StageOptions):
    """List the recipes that come along, or copy one."""

    arguments = ("name",)

    name: str | None = None
    """The recipe to copy; none lists them."""
    out: Path | None = None
    """The folder to copy it to; its own name unless given."""


class Stage(NamedTuple):
    """One stage of a plan, its options valid."""

    kind: str
    options: Any
    function: Any


def run(options: RunOptions) -> None:
    """Run all stages of a recipe, one after the other; a rerun goes on where it was.

    Reads a recipe's YAML file. Writes everything into the run folder, RUN/recipe.yaml first.

    Example: r1curate run mini --run runs/mini --override generate.samples=4
    """
    path = find_recipe(options.recipe)
    recipe = read_recipe(path)
    folder = options.run or Path("runs") / recipe["name"]
    stages = plan(recipe, path, folder, parse_options(options.override, "--override"))
    resolved = resolve(recipe, stages)
    if options.dry_run:
        emit(resolved)
        return
    _keep(Run(folder), resolved)
    for number, stage in enumerate(stages, 1):
        started = time.monotonic()
        title = f"{stage.kind} {getattr(stage.options, 'name', None) or ''}".rstrip()
        note(f"[{number}/{len(stages)}] {title}")
        try:
            stage.function(stage.options)
        except UserError:
            _finish(Run(folder))
            raise
        _time(Run(folder), title, time.monotonic() - started)
    _finish(Run(folder))


def recipes(options: RecipesOptions) -> None:
    """List the recipes that come along, or copy one with its files to change it.

    Reads the installed package. Writes a folder where a recipe is named.

    Example: r1curate recipes mini --out my-recipe
    """
    found = _shipped()
    if options.name is None:
        table = Table("recipe", "what it does")
        for name, path in found.items():
            table.add_row(name, read_recipe(path).get("about", ""))
        emit(table)
        return
    source = find_recipe(options.name)
    target = options.out or Path(checked_name(options.name))
    if target.exists():
        raise UserError(f"'{target}' is there already; name another folder with --out.")
    if (source.parent / "recipe.yaml").exists():
        shutil.copytree(source.parent, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        target.mkdir(parents=True)
        shutil.copy(source, target)
    note(f"wrote {target}; run it with: r1curate run {target / source.name}")


def find_recipe(name: str) -> Path:
    """The file of a recipe given by path or by name."""
    path = Path(name)
    if path.is_file():
        return path
    if (path / "recipe.yaml").is_file():
        return path / "recipe.yaml"
    found = _shipped()
    if name not in found:
        raise UserError(f"There is no recipe '{name}'; {nearest(name, found)}")
    return found[name]


def read_recipe(path: Path) -> dict[str, Any]:
    """A recipe's YAML, its outline checked."""
    try:
        recipe = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not valid YAML ({' '.join(str(error).split())}).") from None
    if not isinstance(recipe, dict) or not isinstance(recipe.get("stages"), list):
        raise UserError(f"{path}: a recipe has a name and a list of stages.")
    for key in recipe.keys() - {"name", "about", "defaults", "stages"}:
        raise UserError(
            f"{path}: there is no key '{key}'; {nearest(str(key), ['name', 'about', 'defaults', 'stages'])}"
        )
    recipe.setdefault("name", path.parent.name if path.name == "recipe.yaml" else path.stem)
    return recipe


def plan(
    recipe: Mapping[str, Any], path: Path, folder: Path, overrides: Mapping[str, Any] | None = None
) -> list[Stage]:
    """All stages with their options filled and valid, before any work is done.

    `${recipe}` and `${run}` in a text stand for the recipe's and the run's folder. A stage's options win over
    the recipe's `defaults` for its kind, and overrides win over both.
    """
    defaults, overrides = recipe.get("defaults") or {}, overrides or {}
    for kind in [*defaults, *overrides]:
        _known(kind, str(path))
    stages = []
    for number, entry in enumerate(recipe["stages"], 1):
        where = f"{path}, stage {number}"
        if not (isinstance(entry, dict) and len(entry) == 1):
            raise UserError(f"{where}: a stage is one command's name with its options.")
        ((kind, given),) = entry.items()
        model, function = load(_known(kind, where))
        values = _merged(_merged(defaults.get(kind) or {}, given or {}), overrides.get(kind) or {})
        values = _placed(values, {"${recipe}": str(path.parent), "${run}": str(folder)})
        values |= {_place(model): str(folder)}
        stages.append(Stage(kind, fill(model, values, f"{where} ({kind})"), function))
    return stages


def resolve(recipe: Mapping[str, Any], stages: list[Stage]) -> str:
    """The plan as YAML: what differs from the defaults of each command, in full."""
    listed = [
        {
            stage.kind: stage.options.model_dump(
                mode="json", exclude_defaults=True, exclude={_place(type(stage.options))}
            )
        }
        for stage in stages
    ]
    body = {"name": recipe["name"], "stages": listed}
    return yaml.safe_dump({**body, "digest": digest(body)}, sort_keys=False, allow_unicode=True)


def _place(model: Any) -> str:
    """The option that takes the run folder."""
    return "run" if "run" in model.model_fields else "source"


def _known(kind: str, where: str) -> str:
    if kind not in STAGES:
        raise UserError(f"{where}: there is no stage '{kind}'; {nearest(str(kind), STAGES)}")
    return kind


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _merged(merged[key], value) if both else value
    return merged


def _placed(value: Any, places: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for word, path in places.items():
            value = value.replace(word, path)
        return value
    if isinstance(value, Mapping):
        return {key: _placed(inner, places) for key, inner in value.items()}
    return [_placed(inner, places) for inner in value] if isinstance(value, list) else value


def _keep(run: Run, resolved: str) -> None:
    """Write the plan into the run; where it differs from the last one, say how."""
    path = run.path / "recipe.yaml"
    if path.exists():
        before = path.read_text(encoding="utf-8")
        lines = difflib.unified_diff(before.splitlines(), resolved.splitlines(), lineterm="", n=0)
        changed = [line for line in lines if line[0] in "+-" and line[:3] not in ("+++", "---")]
        if changed:
            note("The recipe differs from this run's last one:\n  " + "\n  ".join(changed))
    with writing_aside(path) as aside:
        aside.write_text(resolved, encoding="utf-8")


def _time(run: Run, title: str, seconds: float) -> None:
    """Keep how long a stage took; a rerun with nothing to do does not hide what the work cost."""
    path = run.path / "timings.json"
    timings = read_json(path) or {}
    write_json(path, {**timings, title: round(max(seconds, timings.get(title, 0.0)), 1)})


def _finish(run: Run) -> None:
    """Show what there is; a run that a stage refused to go on with has a report too."""
    from curate.report import final_screen

    emit(*final_screen(run))


def _shipped() -> dict[str, Path]:
    """The recipes in the installed package, by name: a folder's other recipes are named after it too."""
    root = Path(str(importlib.resources.files("recipes")))
    files = sorted([*root.glob("*.yaml"), *root.glob("*/*.yaml")])
    return {
        "_".join(path.relative_to(root).with_suffix("").parts).removesuffix("_recipe"): path for path in files
    }
