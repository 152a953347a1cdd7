"""The cards of what is published: what a stranger must know to use it, told from the run's own records."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from curate.engines.identity import identify_engine
from curate.intervals import format_percent
from curate.publishing.card_facts import (
    compose,
    describe_columns,
    flatten,
    list_judges,
    list_reward_judges,
    quote_options,
    quote_recipe,
)
from curate.publishing.card_metadata import describe_model, describe_set
from curate.publishing.limits import list_kept_by_file, list_limits
from curate.publishing.rejected_rows import MEANINGS
from curate.publishing.set_sources import SetSource, list_given_files
from curate.reporting.models import Model
from curate.reporting.page import format_options, format_sampling
from curate.reporting.run_facts import (
    DataSet,
    Evaluation,
    display_model,
    list_other_checks,
    read_evaluations,
)
from curate.reporting.training import describe_training
from curate.scrubber import Scrubber
from curate.selection.composition import read_composition
from curate.selection.effects import Effect
from curate.selection.licences import read_licences
from curate.selection.pass_rate_classes import CLASSES
from curate.store.layout import Run
from curate.store.parquet import count_rows
from curate.visible_text import code_span, escape_markdown
from filters.engine import EngineOptions

TOLD: Final = {
    *("model", "name", "revision", "template", "learning_rate", "save_minutes", "micro_batch_size", "report_to"),
    *("method", "teacher", "teacher_revision", "divergence"),
    *("dry_run", "gpus", "gpu_memory", "drop_bad", "max_too_long"),
    *("set", "dataset", "prompts", "split", "general"),
    *("reward", "preset", "steps", "prompts_per_step", "group_size", "kl_coefficient", "reference_steps", "sampling", "workers", "rollout", "stop_on_trouble"),
}  # fmt: skip
"""Options that a model's card tells in other words, and those that say nothing about the model."""
REPO: Final = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
FENCE: Final = re.compile(r"`{3,}")


def render_dataset_card(
    source: SetSource, licence: str, repo: str | None, scrubber: Scrubber, rejected: Sequence[Path] = ()
) -> str:
    """README.md of a published set. rejected: the files of its rows left out, where they are published."""
    made, run = source.made, source.run
    judges = list_judges(source.samples)
    first, *rest = source.splits
    others = {split: sum(map(count_rows, source.splits[split])) for split in rest}
    body = _render(
        "dataset_card.md.jinja", run, made=made, sources=source.samples, columns=describe_columns(source.schema),
        repo=repo, limits=list_limits(made, source.samples, judges), composed=compose(source.splits[first]), judges=judges,
        composition=read_composition(made.about), licences=read_licences(made.about),
        effects=[Effect(**effect) for effect in made.about.get("effects", ())], classes=CLASSES,
        splits=others, rejected=MEANINGS if rejected else None, given=list(list_given_files(made)),
        kept_by_file=list_kept_by_file(made), options=quote_options(made.about.get("options") or {}, scrubber),
        recipe=quote_recipe(run, scrubber) if run else None,
    )  # fmt: skip
    return f"---\n{describe_set(source, licence, rejected).to_yaml()}\n---\n\n{body}"


def render_model_card(
    run: Run, model: Model, source: SetSource | None, results: Sequence[Evaluation], about: Mapping[str, Any],
    scrubber: Scrubber,
) -> str:  # fmt: skip
    """README.md of a published model; `about` is what r1curate.json beside it says. source: the set it was trained on, where it is known."""
    earlier = {one.name: one for one in read_evaluations(run)}
    made: DataSet | None = source.made if source else None
    files, samples = (source.files, source.samples) if source else ([], [])
    judges = [*list_judges(samples), *list_reward_judges(model.name, about)]
    body = _render(
        "model_card.md.jinja", run, model=model, made=made, results=results, earlier=earlier, about=about,
        options=_list_options(about), other_checks=list_other_checks(results), judges=judges, sources=samples,
        recipe=quote_recipe(run, scrubber),
    )  # fmt: skip
    return f"---\n{describe_model(model, files, about, results).to_yaml()}\n---\n\n{body}"


def list_evaluations(run: Run, name: str) -> list[Evaluation]:
    """The evaluations of one of the run's models, as its weights and template are now.

    Raises UserError where the model's folder holds no model.
    """
    identity = identify_engine(EngineOptions(model=str(run.model(name))))
    return [one for one in read_evaluations(run) if one.rest["identity"] == identity]


def _list_options(about: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were set and that the card does not tell otherwise; groups of options in one line."""
    given = {key: value for key, value in about["options"].items() if key not in TOLD}
    if about.get("training") != "on_policy":
        given.pop("on_policy", None)  # nothing was sampled
    shown = {
        key: format_options(value) if isinstance(value, Mapping) else value for key, value in given.items()
    }
    return {key: value for key, value in shown.items() if value not in (None, "", [], ())}


def _render(template: str, run: Run | None, **values: Any) -> str:
    """The body of a card. Whatever a template prints is escaped for Markdown, unless a filter made it `Markup`."""
    environment = Environment(
        loader=PackageLoader("curate.publishing"),
        undefined=StrictUndefined,
        autoescape=True,
        finalize=lambda value: value if isinstance(value, Markup) else Markup(escape_markdown(value)),  # noqa: S704
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "code": _markdown(code_span),
        "python": _markdown(json.dumps),
        "set": _markdown(_link_set),
        "plain": format_options,
        "sampling": lambda made: {
            key: value for key, value in format_sampling(made).items() if key != "in_force"
        },
        "flat": flatten,
        "training": describe_training,
        "share": _markdown(lambda value: f"{format_percent(value)}%"),
        "points": _markdown(lambda value: format_percent(value, sign="+")),
        "model": _markdown(lambda name: code_span(display_model(name, run or Run(Path())))),
        "fence": _markdown(_fence),
        "interval": _markdown(lambda found: "{}% [{}%, {}%]".format(*map(format_percent, found))),
    }
    made_by = f"r1curate {version('r1curate')}"
    return environment.get_template(template).render(made_by=made_by, run=run, **values)


def _markdown(function: Callable[[Any], str]) -> Callable[[Any], Markup]:
    """A filter whose text is Markdown already."""
    return lambda value: Markup(function(value))  # noqa: S704


def _link_set(repo: str) -> str:
    return f"[{repo}](https://huggingface.co/datasets/{repo})" if REPO.fullmatch(repo) else code_span(repo)


def _fence(text: str) -> str:
    """A block of text that nothing in it can end."""
    marks = "`" * max(3, *(len(found) + 1 for found in FENCE.findall(text)), 3)
    return f"{marks}yaml\n{text}\n{marks}"
