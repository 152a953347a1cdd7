"""Files as people have them, read or refused as their notes say; they lie in the folder that R1CURATE_TEST_CASES names."""

import json
import os
import re
from pathlib import Path

import pytest

from curate.readers.read_rows import read_rows, read_tables
from filters.errors import UserError

DATA = Path(os.environ.get("R1CURATE_TEST_CASES", "")) / "data"
KINDS = ("17-folders", "18-encodings", "19-parquet-types", "20-surrogates", "21-huge-rows")
CASES = [
    pytest.param(DATA / kind / case["file"], case, id=f"{kind}-{case.get('case', case['file'])}")
    for kind in KINDS
    if (DATA / kind / "expected.json").is_file()
    for case in json.loads((DATA / kind / "expected.json").read_text())
]

pytestmark = pytest.mark.skipif(not CASES, reason="R1CURATE_TEST_CASES holds no files")


@pytest.mark.parametrize(("path", "case"), CASES)
def test_a_file_is_read_or_refused(path: Path, case: dict):
    arguments = case.get("args", [])
    split = arguments[arguments.index("--split") + 1] if "--split" in arguments else "train"
    try:
        rows, said = list(read_rows(str(path), split)), ""
    except UserError as error:
        rows, said = [], str(error)
    if said:
        assert case.get("refused") or case.get("either")
        for names in case["names"]:
            wanted = [r"\d" if name == "#" else re.escape(name) for name in names.split("|")]
            assert re.search("|".join(wanted), said, re.IGNORECASE)
        return
    assert not case.get("refused")
    assert len(rows) == case["samples"]
    if (tables := read_tables(str(path), split)) is not None:
        told = [row for table in tables for row in table.to_pylist()]
        assert repr(told) == repr([row.values for row in rows])
