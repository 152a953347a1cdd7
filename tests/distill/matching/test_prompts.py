import datasets
import pytest

from curate.engines.chat_template import Chat
from distill.matching.prompts import tokenize_prompts
from filters.errors import UserError
from tests.distill.tiny import make_tokenizer, write_set


def test_each_prompt_is_there_once_as_at_inference(tmp_path):
    tokenizer = make_tokenizer()
    chat = Chat(tokenizer, None, "tiny")
    rows = [
        {"prompt": "1+1?", "completion": "2"},
        {"prompt": "1+1?"},
        {"prompt": "x" * 200},
        {"prompt": "2?"},
    ]
    counts = tokenize_prompts(write_set(tmp_path / "s.jsonl", rows), chat, 60, tmp_path)
    assert (counts.prompts, counts.repeated, counts.too_long) == (2, 1, 1)
    kept = datasets.Dataset.from_file(str(tmp_path / "prompts.arrow"))["input_ids"][:]
    assert counts.longest == max(map(len, kept))
    assert [tokenizer.decode(ids) for ids in kept] == [
        f"<|im_start|>user\n{asked}<|im_end|>\n<|im_start|>assistant\n" for asked in ("1+1?", "2?")
    ]
    assert tokenize_prompts(tmp_path / "gone.jsonl", chat, 60, tmp_path) == counts


@pytest.mark.parametrize(
    ("row", "longest", "said"),
    [
        ({"question": "1+1?"}, 60, "there is no column 'prompt' to answer; there are: question"),
        ({"prompt": "1+1?"}, 5, "since only 5 tokens are left for a prompt"),
    ],
)
def test_a_set_without_prompts_is_refused(tmp_path, row, longest, said):
    with pytest.raises(UserError, match=said):
        tokenize_prompts(
            write_set(tmp_path / "s.jsonl", [row]), Chat(make_tokenizer(), None, "tiny"), longest, tmp_path
        )
