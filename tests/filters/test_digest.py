"""A content key stays what it is, whichever way it is computed."""

import hashlib
import json
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from filters.digest import digest, digest_keys, digest_turns

PARTS = st.lists(
    st.text(max_size=8) | st.integers() | st.none() | st.lists(st.text(max_size=3), max_size=2), max_size=3
)


@settings(deadline=None)
@given(parts=PARTS)
def test_a_key_is_that_of_the_parts_json(parts: list[Any]):
    written = json.dumps(parts, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()
    assert digest(*parts) == hashlib.blake2b(written, digest_size=16).hexdigest()


@settings(deadline=None)
@given(
    turns=st.lists(st.tuples(st.text(max_size=5), st.text(max_size=20)), max_size=3),
    answer=st.none() | st.text(),
)
@example(turns=[("user", '"\\\ud800\x00 é𝄞')], answer='"]')
def test_a_conversations_key_is_that_of_its_json(turns: list[tuple[str, str]], answer: str | None):
    messages = [{"role": role, "content": content} for role, content in turns]
    assert digest_turns(messages, answer) == digest(messages, answer)


@settings(deadline=None)
@given(keys=st.lists(st.text("0123456789abcdef", min_size=1), min_size=1, max_size=3))
def test_a_key_of_keys_is_that_of_their_json(keys: list[str]):
    assert digest_keys(*keys) == digest(*keys)
