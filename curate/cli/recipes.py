"""`recipes`: the bundled recipes, listed or copied."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import RenderableType
from rich.table import Table

from curate.cli.recipe_plan import bundled_recipes, find_recipe, read_recipe
from curate.options import StageOptions
from curate.stage_results import StageResult
from filters.chosen_names import validate_name
from filters.errors import UserError

logger = logging.getLogger(__name__)


class RecipesOptions(StageOptions):
    """List the bundled recipes, or copy one."""

    arguments = ("name",)

    name: str | None = None
    """The recipe to copy. Default: list them all."""
    out: Path | None = None
    """The folder to copy it to. Default: its own name."""


@dataclass(frozen=True, slots=True)
class RecipesResult(StageResult):
    """The bundled recipes with what each does, or the file of the one that was copied."""

    recipes: Mapping[str, str]
    copy: Path | None = None

    def render(self) -> Iterator[RenderableType]:
        """The list; a copy is told by the log."""
        if self.copy is None:
            table = Table("recipe", "what it does")
            for name, about in self.recipes.items():
                table.add_row(name, about)
            yield table


def list_recipes(options: RecipesOptions) -> RecipesResult:
    """List the bundled recipes, or copy one with its files to change it.

    Reads the installed package. Writes a folder where a recipe is named.

    Example: r1curate recipes mini --out my-recipe
    """
    abouts = {name: read_recipe(path).get("about", "") for name, path in bundled_recipes().items()}
    if options.name is None:
        return RecipesResult(abouts)
    source = find_recipe(options.name)
    target = options.out or Path(validate_name(options.name))
    if target.exists():
        raise UserError(f"'{target}' already exists; name another folder with --out.")
    if (source.parent / "recipe.yaml").exists():
        shutil.copytree(source.parent, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        target.mkdir(parents=True)
        shutil.copy(source, target)
    logger.info(f"wrote {target}; run it with: r1curate run {target / source.name}")
    return RecipesResult(abouts, target / source.name)
