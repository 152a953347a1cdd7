"""The metadata at the beginning of a card, derived from the files that it describes, so that the Hub's viewer never meets another schema."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from curate.publishing.set_sources import SetSource
from curate.reporting.models import Model
from curate.reporting.run_facts import Evaluation
from curate.store.parquet import count_rows, scan_files

if TYPE_CHECKING:
    from huggingface_hub import DatasetCardData, ModelCardData

DEFAULT: Final = "default"
REJECTED_CONFIG: Final = "rejected"
"""The configurations of a published set: the rows to train on, which `datasets` and our own readers take where none is named, and those left out."""
SIZES: Final = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
)
TAGS: Final = ["reasoning", "chain-of-thought", "distillation", "rejection-sampling", "sft", "r1curate"]
REWARD_TAGS: Final = ["reasoning", "chain-of-thought", "reinforcement-learning", "grpo", "r1curate"]
LANGUAGE: Final = re.compile(r"[a-z]{2,3}")


def describe_set(source: SetSource, licence: str, rejected: Sequence[Path]) -> DatasetCardData:
    """What a dataset's card says to the Hub: its configurations, their splits, columns and rows. rejected: the files of the rows left out."""
    from datasets.info import DatasetInfosDict
    from datasets.utils.metadata import MetadataConfigs
    from huggingface_hub import DatasetCardData

    rows = source.made.rows
    data = DatasetCardData(
        pretty_name=source.made.name,
        license=licence,
        language=list_languages(source.files) or None,
        task_categories=["text-generation"],
        size_categories=next((name for limit, name in SIZES if rows < limit), "100M<n<1B"),
        tags=TAGS,
    )
    splits = {DEFAULT: (source.schema, source.splits)}
    if rejected:
        splits[REJECTED_CONFIG] = (pq.read_schema(rejected[0]), {"train": list(rejected)})
    infos = {name: _describe_config(name, *said) for name, said in splits.items()}
    DatasetInfosDict(infos).to_dataset_card_data(data)
    folders = {DEFAULT: "data", REJECTED_CONFIG: REJECTED_CONFIG}
    paths = {
        name: {"data_files": [{"split": split, "path": f"{folders[name]}/{split}-*"} for split in files]}
        for name, (_, files) in splits.items()
    }
    MetadataConfigs(paths).to_dataset_card_data(data)
    return data


def _describe_config(name: str, schema: pa.Schema, files: Mapping[str, Sequence[Path]]) -> Any:
    """Columns, rows and bytes: whoever loads it learns of rows that are missing."""
    from datasets import Features
    from datasets.info import DatasetInfo
    from datasets.splits import SplitDict, SplitInfo

    splits = SplitDict(
        {
            split: SplitInfo(split, sum(map(_count_bytes, some)), sum(map(count_rows, some)))
            for split, some in files.items()
        }
    )
    stored = sum(file.stat().st_size for some in files.values() for file in some)
    return DatasetInfo(
        config_name=name,
        features=Features.from_arrow_schema(schema.remove_metadata()),
        splits=splits,
        download_size=stored,
        dataset_size=sum(one.num_bytes for one in splits.values()),
    )


def _count_bytes(file: Path) -> int:
    """Bytes of a file's rows before they were compressed."""
    about = pq.read_metadata(file)
    return sum(about.row_group(number).total_byte_size for number in range(about.num_row_groups))


def describe_model(
    model: Model,
    files: Sequence[Path],
    about: Mapping[str, Any],
    results: Sequence[Evaluation],
) -> ModelCardData:
    """What a model's card says to the Hub. files: of the set it was trained on, as far as they are known."""
    from huggingface_hub import ModelCardData

    return ModelCardData(
        base_model=model.base if model.commit else None,
        datasets=[about["dataset"]] if about["dataset"] else None,
        eval_results=[_eval_result(one) for one in results] or None,
        model_name=model.name,
        language=(list_languages(files) or None) if files else None,
        library_name="transformers",
        license=about["licence"],
        pipeline_tag="text-generation",
        tags=REWARD_TAGS if model.kind == "grpo" else _list_tags(model),
    )


def _list_tags(model: Model) -> list[str]:
    """The tags of a distilled model: how it was taught in place of sft, where that was otherwise."""
    return [model.kind.replace("_", "-") if tag == "sft" else tag for tag in TAGS]


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
