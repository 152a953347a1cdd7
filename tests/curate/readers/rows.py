"""What the tests of rows share: a question, its chain and answer, and reading a row."""

from typing import Any

import pytest

from curate.readers.read_samples import ReadSample, SampleReader
from curate.readers.row import Row
from filters.errors import UserError

Q, C, A = "Is 7 prime?", "Only 1 and 7 divide it.", "Yes."
THINK = f"<think>\n{C}\n</think>\n\n{A}"
USER = {"role": "user", "content": Q}
SAID = {"role": "assistant", "content": THINK}


def read(row: dict[str, Any], **options: Any) -> list[ReadSample]:
    (found,) = SampleReader("rows", **options).read([Row("rows, line 3", row)])
    return found.samples


def read_one(row: dict[str, Any]) -> tuple[list[tuple[str, str]], str]:
    """What was asked, and the response of a row's only sample."""
    (sample,) = read(row)
    return [(one["role"], one["content"]) for one in sample.prompt.messages], sample.reading.response


def refuse(row: dict[str, Any], reason: str) -> None:
    with pytest.raises(UserError, match=reason) as refusal:
        read(row)
    assert str(refusal.value).startswith("rows, line 3: ")
