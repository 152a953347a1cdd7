"""The sources of a set: samples of the run, or files, with how many are taken of each."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from curate.readers.read_rows import ColumnMap
from curate.store.layout import Run
from filters.chosen_names import validate_name
from filters.option_values import parse_options, split_pairs


class Source(BaseModel):
    """One source of a set."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    source: str
    """Samples of the run by name, or a file, folder or Hub data set with the columns prompt and response."""
    name: str = ""
    """What the source is called in the run. Default: its own name."""
    checks: tuple[str, ...] | None = None
    """Labels of checks that must all be true, in the order that names the first that failed; `a|b` takes b where a could not decide. Default: those of the last generate, verify and filter, a judge with the rule it comes after; an empty list: none."""
    per_prompt: int | None = Field(default=None, gt=0)
    """Use at most N samples per prompt. Default: all that are accepted."""
    choose: Literal["random", "shortest", "first"] = "random"
    """Which of a prompt's accepted samples are taken first; first is by index, and none beyond the one at which sampling stopped, so that none is taken for its length."""
    rows: int | None = Field(default=None, gt=0)
    """Use at most N samples of this source."""
    map: ColumnMap = Field(default_factory=dict)
    """Column names of a plain file, as ours: theirs."""
    split: str = "train"
    """The split of a data set."""

    def resolve_name(self, run: Run) -> Source:
        """The same source under the name that its samples have, or will have, in the run."""
        name = (
            self.source if run.has_samples(self.source) else self.name or Path(self.source).name.split(".")[0]
        )
        return self.model_copy(update={"name": validate_name(name)})


def read_source(value: Any) -> Any:
    """A source from `NAME:option=value,…`, or as it is."""
    if not isinstance(value, str):
        return value
    source, *pairs = re.split(r":(?=[\w.]+=)", value, maxsplit=1)
    options = parse_options(split_pairs("".join(pairs)), f"--source {value}")
    if isinstance(options.get("checks", []), str | None):
        options["checks"] = (options["checks"] or "").split("+")
        if not all(single for label in options["checks"] for single in label.split("|")):
            raise ValueError("it names a check without a name; write checks=a+b, or checks=[] for none")
    return {"source": source, **options}
