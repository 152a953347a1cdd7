"""Files as people have them, a folder a kind, are read as their folder says; skipped without R1CURATE_TEST_CASES."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from curate.readers.read_rows import read_rows
from curate.readers.read_samples import ReadSample, SampleReader
from filters.errors import UserError
from filters.think import split_response

KINDS = "01 02 03 04 05 06 07 08 09 10 11 12 20 24 30 38 41 44 45 46 47 48 49 50".split()  # noqa: SIM905


def list_cases() -> list[Any]:
    folder = os.environ.get("R1CURATE_TEST_CASES")
    root = Path(folder) / "data" if folder else Path("nowhere")
    return [
        pytest.param(path, case, id=f"{path.parent.name}-{case['file']}-{case.get('case', '')}")
        for kind in KINDS for path in sorted(root.glob(f"{kind}-*/expected.json")) for case in json.loads(path.read_text())
        if isinstance(case["file"], str) and case.get("command") in (None, "verify") and not case.get("before")
    ] or [pytest.param(None, None, marks=pytest.mark.skip("R1CURATE_TEST_CASES names no folder of cases"))]  # fmt: skip


@pytest.mark.parametrize(("path", "case"), list_cases())
def test_files_as_people_have_them(path: Path, case: dict[str, Any]):
    reader = SampleReader(case["file"], bad_rows="skip" if "skip" in case.get("args", ()) else "refuse")
    try:
        samples = [
            one for row in reader.read(read_rows(str(path.parent / case["file"]))) for one in row.samples
        ]
    except UserError as refusal:
        missing = [
            name for name in case.get("names", ()) if not any(n in str(refusal) for n in name.split("|"))
        ]
        assert (case.get("refused") or case.get("either")) and not missing
        return
    assert not case.get("refused") and len(samples) == case["samples"]
    for number, row in enumerate(case.get("rows", ())):
        require_row(samples[row.get("at", number)], row)


def require_row(sample: ReadSample, row: dict[str, Any]) -> None:
    parts = split_response(sample.reading.response)
    roles = [message["role"] for message in sample.prompt.messages]
    found = {
        "prompt_last": [m["content"] for m in sample.prompt.messages if m["role"] == "user"][-1:],
        "response_is": [sample.reading.response],
        "answer_part": [(parts.answer or "").strip()],
        "generation": [sample.reading.generation],
        "chain": [parts.chain.strip()] if not row.get("or_not_kept") else [row.get("chain")],
    }
    for name, got in found.items():
        wanted = row.get(name, got[0] if got else None)
        assert (got[0] if got else None) in (wanted if isinstance(wanted, list) else [wanted]), name
    wanted = row.get("prompt_roles", roles)
    assert all(
        role in ([one] if isinstance(one, str) else one) for role, one in zip(roles, wanted, strict=True)
    )
