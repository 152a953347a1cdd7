"""The cards of what is published: what a stranger must know to use it, told from the run's own records.

The metadata is derived from the files it describes, so that the Hub's viewer never meets another schema.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl
import pyarrow.parquet as pq
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from curate.engines.identity import identify_engine
from curate.intervals import format_percent
from curate.publishing.limits import list_limits
from curate.reporting.models import Model
from curate.reporting.page import format_options, format_sampling
from curate.reporting.run_facts import (
    DataSet,
    Evaluation,
    display_model,
    list_other_checks,
    read_evaluations,
    read_samples,
)
from curate.reporting.training import describe_training
from curate.selection.effects import Effect
from curate.selection.pass_rate_classes import CLASSES
from curate.store.finished_sets import list_set_files
from curate.store.layout import Run
from curate.store.parquet import scan_files
from curate.visible_text import code_span, escape_markdown
from filters.engine import EngineOptions

if TYPE_CHECKING:
    from huggingface_hub import DatasetCardData, ModelCardData

SIZES: Final = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
)
GROUPS: Final = 20
"""Lines of a card's table of contents."""
TAGS: Final = ["reasoning", "chain-of-thought", "distillation", "rejection-sampling", "sft", "r1curate"]
REWARD_TAGS: Final = ["reasoning", "chain-of-thought", "reinforcement-learning", "grpo", "r1curate"]
TOLD: Final = {
    *("model", "name", "revision", "template", "learning_rate", "save_minutes", "micro_batch_size", "report_to"),
    *("method", "teacher", "teacher_revision", "divergence"),
    *("dry_run", "gpus", "gpu_memory", "drop_bad", "max_too_long"),
    *("set", "dataset", "prompts", "split", "general"),
    *("reward", "preset", "steps", "prompts_per_step", "group_size", "kl_coefficient", "reference_steps", "sampling", "workers", "rollout", "stop_on_trouble"),
}  # fmt: skip
"""Options that a model's card tells in other words, and those that say nothing about the model."""
LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
REPO: Final = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
COLUMNS: Final = {
    "prompt": "the chat messages put to the model",
    "completion": "the one message to learn: `<think>`, the chain of thought, `</think>`, the answer",
    "id": "the sample's content key, by which the run knows it",
    "prompt_id": "the content key of the prompt and its reference answer",
    "source": "the ingredient it came from",
    "domain": "the prompt's domain",
    "language": "the prompt's language",
    "answer": "the reference answer that the response was checked against",
    "tokens": "tokens of the completion, as its engine counted them",
    "row_id": "what the row's owner calls it",
    "row_source": "where the row's owner has it from",
    "metadata": "what else the row's owner says of it, as a JSON object",
    "reference_before": "the prompt's own reference answer, where `answer` was repaired",
}


def render_dataset_card(run: Run, made: DataSet, licence: str, repo: str | None) -> str:
    """README.md of a published set."""
    named = {funnel.source for funnel in made.funnels}
    sources = [one for one in read_samples(run) if one.name in named]
    data = _dataset_data(run, made, licence)
    body = _render(
        "dataset_card.md.jinja", run, made=made, sources=sources, columns=COLUMNS, repo=repo, limits=list_limits(made, sources),
        contents=_count_contents(list_set_files(run, made.name)),
        effects=[Effect(**effect) for effect in made.about.get("effects", ())], classes=CLASSES,
    )  # fmt: skip
    return f"---\n{data.to_yaml()}\n---\n\n{body}"


def render_model_card(
    run: Run, model: Model, made: DataSet | None, results: Sequence[Evaluation], about: Mapping[str, Any]
) -> str:
    """README.md of a published model; `about` is what r1curate.json beside it says."""
    earlier = {one.name: one for one in read_evaluations(run)}
    data = _model_data(run, model, made, about, results)
    body = _render(
        "model_card.md.jinja", run, model=model, made=made, results=results, earlier=earlier, about=about,
        options=_list_options(about), other_checks=list_other_checks(results),
    )  # fmt: skip
    return f"---\n{data.to_yaml()}\n---\n\n{body}"


def list_evaluations(run: Run, name: str) -> list[Evaluation]:
    """The evaluations of one of the run's models, as its weights and template are now.

    Raises UserError where the model's folder holds no model.
    """
    identity = identify_engine(EngineOptions(model=str(run.model(name))))
    return [one for one in read_evaluations(run) if one.rest["identity"] == identity]


def _dataset_data(run: Run, made: DataSet, licence: str) -> DatasetCardData:
    from datasets import Features
    from datasets.info import DatasetInfo, DatasetInfosDict
    from datasets.utils.metadata import MetadataConfigs
    from huggingface_hub import DatasetCardData

    files = list_set_files(run, made.name)
    data = DatasetCardData(
        pretty_name=made.name,
        license=licence,
        language=list_languages(files) or None,
        task_categories=["text-generation"],
        size_categories=next((name for limit, name in SIZES if made.rows < limit), "100M<n<1B"),
        tags=TAGS,
    )
    features = Features.from_arrow_schema(pq.read_schema(files[0]))
    DatasetInfosDict(default=DatasetInfo(features=features)).to_dataset_card_data(data)
    paths = {"data_files": [{"split": "train", "path": "data/train-*"}]}
    MetadataConfigs(default=paths).to_dataset_card_data(data)
    return data


def _model_data(
    run: Run,
    model: Model,
    made: DataSet | None,
    about: Mapping[str, Any],
    results: Sequence[Evaluation],
) -> ModelCardData:
    from huggingface_hub import ModelCardData

    return ModelCardData(
        base_model=model.base if model.commit else None,
        datasets=[about["dataset"]] if about["dataset"] else None,
        eval_results=[_eval_result(one) for one in results] or None,
        model_name=model.name,
        language=(list_languages(list_set_files(run, made.name)) or None) if made else None,
        library_name="transformers",
        license=about["licence"],
        pipeline_tag="text-generation",
        tags=REWARD_TAGS if model.kind == "grpo" else _list_tags(model),
    )


def _list_tags(model: Model) -> list[str]:
    """The tags of a distilled model: how it was taught in place of sft, where that was otherwise."""
    return [model.kind.replace("_", "-") if tag == "sft" else tag for tag in TAGS]


def _list_options(about: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were set and that the card does not tell otherwise; groups of options in one line."""
    given = {key: value for key, value in about["options"].items() if key not in TOLD}
    if about.get("training") != "on_policy":
        given.pop("on_policy", None)  # nothing was sampled
    shown = {
        key: format_options(value) if isinstance(value, Mapping) else value for key, value in given.items()
    }
    return {key: value for key, value in shown.items() if value not in (None, "", [], ())}


def _eval_result(one: Evaluation) -> Any:
    from huggingface_hub import EvalResult

    left_out = one.rest.get("prompts_left_out", 0)
    return EvalResult(
        task_type="text-generation",
        dataset_type=one.name,
        dataset_name=one.name,
        metric_type="pass@1",
        metric_name=f"pass@1, mean of {one.rest['samples_per_prompt']} samples a prompt",
        metric_value=round(one.pass_at_1.value, 4),
        metric_args={
            "low": round(one.pass_at_1.low, 4),
            "high": round(one.pass_at_1.high, 4),
            **({"prompts_left_out": left_out} if left_out else {}),
        },
    )


def list_languages(files: Sequence[Path]) -> list[str]:
    """The language codes in a set's rows."""
    found = scan_files(files).select(pl.col("language").unique().sort()).collect()
    return [code for code in found["language"] if code is not None and LANGUAGE.fullmatch(code)]


def _count_contents(files: Sequence[Path]) -> list[tuple[Any, ...]]:
    """Rows and mean tokens by source, domain and language, the largest groups first."""
    keys = ("source", "domain", "language")
    groups = scan_files(files).group_by(keys)
    counted = groups.agg(pl.len().alias("rows"), pl.col("tokens").mean()).sort(
        ["rows", *keys], descending=True
    )
    return counted.head(GROUPS).collect().rows()


def _render(template: str, run: Run, **values: Any) -> str:
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
        "sampling": format_sampling,
        "training": describe_training,
        "share": _markdown(lambda value: f"{format_percent(value)}%"),
        "points": _markdown(lambda value: format_percent(value, sign="+")),
        "model": _markdown(lambda name: code_span(display_model(name, run))),
        "interval": _markdown(lambda found: "{}% [{}%, {}%]".format(*map(format_percent, found))),
    }
    made_by = f"r1curate {version('r1curate')}"
    return environment.get_template(template).render(made_by=made_by, run=run, **values)


def _markdown(function: Callable[[Any], str]) -> Callable[[Any], Markup]:
    """A filter whose text is Markdown already."""
    return lambda value: Markup(function(value))  # noqa: S704


def _link_set(repo: str) -> str:
    return f"[{repo}](https://huggingface.co/datasets/{repo})" if REPO.fullmatch(repo) else code_span(repo)
