"""The card of a trained model: what it was made from, told from the run's own records, with the Hub's metadata."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from huggingface_hub import ModelCard, ModelCardData, try_to_load_from_cache
from yaml import YAMLError

from curate.reporting.run_facts import display_model
from curate.store.finished_sets import read_set_info
from curate.store.layout import Run
from curate.store.whole_files import read_json
from curate.visible_text import code_span, escape_controls
from filters.errors import UserError

TAGS: Final = ("reasoning", "distillation", "r1curate")
LICENCE: Final = ("license", "license_name", "license_link")
"""What the base model's card says of its licence, which holds for what is made from it, too."""
REPO: Final = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
FILE: Final = re.compile(r".*\.(jsonl|ndjson|json|csv|tsv|parquet|arrow|feather|gz|bz2|xz|zst)")
ELSEWHERE: Final = {
    *("run", "name", "model", "revision", "dataset", "prompts", "teacher", "teacher_revision"),
    *("dry_run", "gpus", "gpu_memory", "report_to", "save_minutes"),
}
"""Options that the card tells in other words, and those that say nothing about the model."""


def render_card(run: Run, about: Mapping[str, Any], text: str) -> str:
    """README.md of a trained model; the text says how it was trained, `about` is its `MODEL_INFO`."""
    info = _find_set(run, about)
    data = ModelCardData(
        base_model=about["base"] if about["base_commit"] else None,
        datasets=sorted(_list_hub_sets(run, info)) or None,
        library_name="transformers",
        pipeline_tag="text-generation",
        tags=[*TAGS, about.get("kind", "sft").replace("_", "-")],
        **_read_licence(about["base"], about["base_commit"]),
    )
    parts = [f"# {about['name']}", text.strip(), "## Lineage", "\n".join(_tell_lineage(run, about, info))]
    parts += ["## Options", "\n".join(_tell_options(about["options"]))]
    return escape_controls(f"---\n{data.to_yaml()}\n---\n\n" + "\n\n".join(parts) + "\n")


def _find_set(run: Run, about: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What `mix` says of the set that was trained on; None of a file, or of a set made anew under its name since."""
    name = about.get("set")
    if name is None or name not in run.set_names():
        return None
    try:
        info = read_set_info(run, name)
    except UserError:
        # Changed by hand since the training began, which is no reason to lose the model.
        return None
    # A prompt's repetitions are rows, too.
    return info if info and info["rows"] == about["rows"] + about["left_out"] else None


def _list_hub_sets(run: Run, info: Mapping[str, Any] | None) -> Iterator[str]:
    """The data sets on the Hub that rows of the set were read from."""
    for funnel in (info or {}).get("funnels", ()):
        source = str((read_json(run.samples(funnel["source"]) / "adopted.json") or {}).get("source", ""))
        if REPO.fullmatch(source) and not FILE.fullmatch(source) and not Path(source).exists():
            yield source


def _read_licence(base: str, commit: str | None) -> dict[str, Any]:
    """What the base model's own card says of its licence, as far as that is here."""
    file = Path(base) / "README.md"
    if commit is not None:
        cached = try_to_load_from_cache(base, "README.md", revision=commit)
        file = Path(cached) if isinstance(cached, str) else file
    if not file.is_file():
        return {}
    try:
        data = ModelCard.load(file, ignore_metadata_errors=True).data.to_dict()
    except (ValueError, YAMLError):
        return {}
    return {name: data[name] for name in LICENCE if isinstance(data.get(name), str)}


def _tell_lineage(run: Run, about: Mapping[str, Any], info: Mapping[str, Any] | None) -> Iterator[str]:
    yield f"- base model: {_tell_model(run, about['base'], about['base_commit'], about['base_digest'])}"
    if "teacher" in about:
        yield f"- teacher: {_tell_model(run, about['teacher'], about['teacher_commit'], about['teacher_digest'])}"
    if about.get("set") is None:
        return
    rows, tokens = about["rows"] + about["left_out"], about["tokens"]
    yield (
        f"- set: {code_span(display_model(about['set'], run))} (digest {code_span(about['set_digest'])}), {rows:,} rows, "
        f"of which {about['left_out']:,} were left out; {tokens:,} tokens used"
    )
    for funnel in (info or {}).get("funnels", ()):
        yield _tell_source(run, funnel, (info or {})["checks"].get(funnel["source"], ()))


def _tell_model(run: Run, name: str, commit: str | None, key: str) -> str:
    which = f"commit {code_span(commit)}" if commit else f"a folder, digest {code_span(key)}"
    return f"{code_span(display_model(name, run))} ({which})"


def _tell_source(run: Run, funnel: Mapping[str, Any], checks: Any) -> str:
    """Where the rows of one of the set's sources come from, and what they had to pass."""
    name = funnel["source"]
    made = read_json(run.samples(name) / "generation.json")
    adopted = read_json(run.samples(name) / "adopted.json")
    origin = ""
    if made:
        how = f"temperature {made.get('temperature')}, at most {made.get('max_tokens')} tokens"
        origin = f", sampled from {code_span(display_model(made.get('model') or 'unknown', run))} ({how})"
    elif adopted:
        origin = f", read from {code_span(display_model(str(adopted.get('source')), run))}"
    passed = ", ".join(map(code_span, checks)) or "none"
    selected, sampled = funnel["selected"], funnel["sampled"]
    return f"  - {code_span(name)}{origin}: {selected:,} rows of {sampled:,} samples; checks passed: {passed}"


def _tell_options(options: Mapping[str, Any]) -> Iterator[str]:
    """A table of the options that were set and that the card does not tell otherwise."""
    yield "| option | value |"
    yield "|---|---|"
    for name, value in options.items():
        if name not in ELSEWHERE and value not in (None, "", [], (), {}):
            shown = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
            yield f"| {code_span(name)} | {code_span(shown)} |"
