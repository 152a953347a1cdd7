"""The switches of chat templates, as Qwen3's enable_thinking."""

from pathlib import Path

import pytest
from transformers import AutoTokenizer

from curate.engines.chat_template import Chat
from filters.errors import UserError
from filters.types import Message

TEACHER = Path(__file__).parents[3] / "recipes/mini/models/teacher"
SWITCHED = (
    "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant: "
    "{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}"
)
ASKED = [Message(role="user", content="hi")]


def test_a_switch_changes_the_prompt(tmp_path: Path):
    (tmp_path / "switched.jinja").write_text(SWITCHED)
    chat = Chat(AutoTokenizer.from_pretrained(TEACHER), tmp_path / "switched.jinja", "qwen")
    plain, on, off = (
        chat.render(ASKED, s) for s in (None, {"enable_thinking": True}, {"enable_thinking": False})
    )
    assert plain == on
    assert off.text == f"{plain.text}<think>\n\n</think>\n\n"
    assert (off.opened, len(off.ids) > len(plain.ids)) == ("", True)


def test_a_template_without_the_switch_is_refused():
    chat = Chat(AutoTokenizer.from_pretrained(TEACHER), None, "mini")
    with pytest.raises(UserError, match="The chat template of 'mini' has no switch 'enable_thinking'"):
        chat.render(ASKED, {"enable_thinking": False})
