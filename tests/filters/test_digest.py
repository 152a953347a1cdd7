"""A content key stays what it is, whichever way it is computed."""

import hashlib
import json
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from filters.digest import digest

PARTS = st.lists(
    st.text(max_size=8) | st.integers() | st.none() | st.lists(st.text(max_size=3), max_size=2), max_size=3
)


@settings(deadline=None)
@given(parts=PARTS)
@example(parts=["0f", "a1"])
@example(parts=['"', "\\"])
@example(parts=["é", "٣"])
@example(parts=[])
def test_a_key_is_that_of_the_parts_json(parts: list[Any]):
    written = json.dumps(parts, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()
    assert digest(*parts) == hashlib.blake2b(written, digest_size=16).hexdigest()
