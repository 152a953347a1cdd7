"""What is read at a glance is what the shapes read, and nothing that they refuse or change."""

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from curate.readers.shapes.plain import read_plain
from curate.readers.shapes.shapes import read_row

PIECES = st.sampled_from([
    "<think>", "</think>", "</think >", "<THINK>", "<thinking>", "</thinking>", "◁think▷", "[THINK]", "[/THINK]", "<answer>", "</s>", "<|im_end|>",
    "<|im_start|>user\n", "<start_of_turn>user\n", "<end_of_turn>", "[INST]", "[/INST]", "<<SYS>>", "<｜User｜>", "<｜end▁of▁sentence｜>", "<|channel|>final",
    '[{"role": "user", "content": "x"}]', "[{'role': 'user'", "{", "-", "n/a", "2 < 3", "a > b", "|x|", "array([", "<|turn>user\n", "<turn|>", "]~b]", "[e~[", "<seed:eos>", "<eos>", "<pad>", "<extra_id_1>",
    "### Instruction:\n", "\n\n### Response:", "Human: ", "\n\nAssistant:", "{\"messages\": []}", "<role>HUMAN</role>", "\n", " ", "\ufeff", "so it is 4", "What is 2+2?",
])  # fmt: skip
TEXTS = st.lists(PIECES, max_size=5).map("".join) | st.tuples(
    st.lists(PIECES, max_size=3), st.lists(PIECES, max_size=3)
).map(lambda parts: f"<think>\n{''.join(parts[0])}\n</think>\n\n{''.join(parts[1])}")
CELLS = TEXTS | st.none() | st.just([]) | st.just(4)
NAMES = st.sampled_from(
    [
        "id",
        "answer",
        "note",
        "solution",
        "source",
        "text",
        "input",
        "kept",
        "thinking",
        "messages",
        "r1_cot",
        "tokens",
    ]
)


@settings(deadline=None, max_examples=400)
@given(
    asked=CELLS, response=CELLS, names=st.sampled_from([("prompt", "response"), ("prompt", "completion"), ("question", "output"), ("Problem", "generation")]),
    others=st.dictionaries(NAMES, CELLS, max_size=2),
)  # fmt: skip
@example(
    asked="What is 2+2?",
    response="<think>\nso it is 4\n</think>\n\n4",
    names=("prompt", "response"),
    others={},
)
def test_it_never_reads_otherwise(asked: Any, response: Any, names: tuple[str, str], others: dict[str, Any]):
    row = {names[0]: asked, names[1]: response, **others}
    plain = read_plain(row)
    if plain is not None:
        shape, readings = read_row(row)
        assert (plain[0], [plain[1]]) == (shape.name, readings)


def test_most_rows_are_read_so():
    row = {
        "prompt": "2+2?",
        "answer": "4",
        "response": "<think>\nfour\n</think>\n\n\\boxed{4}",
        "id": 1,
        "source": "s",
    }
    assert read_plain(row) is not None
    assert read_plain({"instruction": "Say hello.", "output": "Hello!"}) is not None
    assert read_plain({**row, "reasoning_content": "four"}) is None
