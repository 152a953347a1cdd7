"""Rendered texts are read back or refused."""

import pytest

from filters.errors import UserError
from tests.curate.readers.rows import THINK, A, C, Q, read, read_one, refuse

# Templates: each family's rendering of a system message, a question, an answer and another question.

FAMILIES = {
    "ChatML": "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello<|im_end|>\n"
              f"<|im_start|>user\n{Q}<|im_end|>\n<|im_start|>assistant\n",
    "Llama 3": "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nS<|eot_id|><|start_header_id|>user"
               "<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nHello<|eot_id|>"
               f"<|start_header_id|>user<|end_header_id|>\n\n{Q}<|eot_id|>"
               "<|start_header_id|>assistant<|end_header_id|>\n\n",
    "DeepSeek": "<｜begin▁of▁sentence｜>S<｜User｜>Hi<｜Assistant｜>Hello<｜end▁of▁sentence｜>"
                f"<｜User｜>{Q}<｜Assistant｜>",
    "Llama 2": f"<s>[INST] <<SYS>>\nS\n<</SYS>>\n\nHi [/INST] Hello </s><s>[INST] {Q} [/INST]",
    "Zephyr": f"<|system|>\nS</s>\n<|user|>\nHi</s>\n<|assistant|>\nHello</s>\n<|user|>\n{Q}</s>\n<|assistant|>\n",
    "Phi": f"<|system|>S<|end|><|user|>Hi<|end|><|assistant|>Hello<|end|><|user|>{Q}<|end|><|assistant|>",
    "GLM": f"[gMASK]<sop><|system|>\nS<|user|>\nHi<|assistant|>\nHello<|user|>\n{Q}<|assistant|>\n",
    "gpt-oss": "<|start|>system<|message|>S<|end|><|start|>user<|message|>Hi<|end|><|start|>assistant<|message|>Hello"
               f"<|end|><|start|>user<|message|>{Q}<|end|><|start|>assistant",
}  # fmt: skip
GEMMA = f"<bos><start_of_turn>user\nHi<end_of_turn>\n<start_of_turn>model\nHello<end_of_turn>\n<start_of_turn>user\n{Q}<end_of_turn>\n<start_of_turn>model\n"
ASKED = [("system", "S"), ("user", "Hi"), ("assistant", "Hello"), ("user", Q)]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_rendered_prompt_is_read_back(family: str):
    assert read_one({"prompt": FAMILIES[family], "response": THINK}) == (ASKED, THINK)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_rendered_prompt_before_the_response_is_cut_off(family: str):
    turns = [{"role": role, "content": content} for role, content in ASKED]
    rendered = FAMILIES[family] + ("<|message|>" if family == "gpt-oss" else "")
    assert read_one({"prompt": turns, "response": rendered + THINK}) == (ASKED, THINK)
    assert read_one({"prompt": Q, "response": rendered + THINK}) == (ASKED, THINK)  # what the template added
    assert read_one({"response": rendered + THINK}) == (ASKED, THINK)
    assert read_one({"text": rendered + THINK}) == (ASKED, THINK)
    refuse(
        {"prompt": "Another?", "response": rendered + THINK},
        "a rendered prompt that is another than the row's",
    )


def test_gemma_has_no_system_message():
    assert read_one({"prompt": GEMMA, "response": THINK}) == (ASKED[1:], THINK)


def test_a_rendered_prompt_that_opens_the_chain():
    prompt = f"<|im_start|>user\n{Q}<|im_end|>\n<|im_start|>assistant\n<think>\n"
    assert read_one({"prompt": prompt, "response": f"{C}\n</think>\n\n{A}"}) == ([("user", Q)], THINK)
    assert read_one({"prompt": prompt, "response": THINK}) == ([("user", Q)], THINK)


def test_tool_turns_are_read_back():
    prompt = (f"<|im_start|>user\n{Q}<|im_end|>\n<|im_start|>assistant\n<tool_call>\n{{}}\n</tool_call><|im_end|>\n"
              "<|im_start|>tool\n42<|im_end|>\n<|im_start|>assistant\n")  # fmt: skip
    roles = [role for role, _ in read_one({"prompt": prompt, "response": A})[0]]
    assert roles == ["user", "assistant", "tool"]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (f"### Instruction:\n{Q}\n\n### Response:\n{THINK}", [("user", Q)]),
        (f"Below is a task.\n\n### Instruction:\nAdd.\n\n### Input:\n2, 3\n\n### Response:\n{THINK}",
         [("system", "Below is a task."), ("user", "Add.\n\n2, 3")]),
        (f"Human: {Q}\n\nAssistant: {THINK}", [("user", Q)]),
        (THINK, []),
        (f"{A} See ### Instruction: here", []),
    ],
)  # fmt: skip
def test_a_text_is_a_response_or_a_whole_conversation(text: str, asked: list[tuple[str, str]]):
    messages, response = read_one({"text": text})
    assert messages == asked
    assert response == (THINK if THINK in text else text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("In ChatML, <|im_start|>user begins a turn.", "'prompt' holds '<|im_start|>' of a chat template"),
        ("<|im_start|>user\nWhat does <|im_start|>assistant\n do?<|im_end|>\n", "turn 1 has no end token"),
        ("<|im_start|>user\nWhat does <|im_start|> do?<|im_end|>\n", "the user's turn' holds '<|im_start|>'"),
        ("<|im_start|>narrator\nHi<|im_end|>\n", "'prompt' holds '<|im_start|>'"),
        (f"{Q} <|im_end|>\n<|im_start|>assistant\nNo", "'prompt' holds '<|im_end|>'"),
        ("What is <|im_end|>", "'prompt' holds '<|im_end|>'"),
        ("<｜User｜>Hi<｜User｜>Ho<｜Assistant｜>", "two turns of the user in a row"),
        ("[INST] is a mark of Llama's.", "begins with [INST] of a chat template, and is not a whole"),
        ("Use [INST] and [/INST].", "'prompt' holds '[INST]'"),
    ],
)
def test_what_only_speaks_of_a_template_is_refused(text: str, reason: str):
    refuse({"prompt": text, "response": THINK}, "".join(f"\\{c}" if c in "|[]" else c for c in reason))
    if not text.startswith(("<", "[")):
        with pytest.raises(UserError, match="'response' holds"):
            read({"prompt": Q, "response": f"<think>\nHm.\n</think>\n\n{text}"})


@pytest.mark.parametrize(
    "end",
    [
        "<|im_end|>",
        "<|im_end|>\n",
        "\n<|endoftext|>",
        "<｜end▁of▁sentence｜>",
        "</s>",
        "<eos>",
        "<turn|>\n",
        "<seed:eos>",
        "[e~[",
        "<pad>" * 100,
        "<|im_end|>" + "<|endoftext|>" * 50,
    ],
)
def test_an_end_token_behind_the_response_is_cut_off(end: str):
    assert read_one({"prompt": Q, "response": THINK + end})[1] == THINK
    assert read_one({"prompt": Q + end, "response": THINK})[0] == [("user", Q)]


@pytest.mark.parametrize(
    "answer",
    [
        "Write <s>old</s>",
        "<s>Human error</s> was it",
        "It is x |> f",
        "a<b>c</b>",
        "`</s>` ends it",
        "See </s>",
    ],
)
def test_an_answer_that_ends_on_a_tag_of_its_own_stays(answer: str):
    assert read_one({"prompt": Q, "response": answer})[1] == answer


def test_a_plain_echo_is_cut_off_where_a_chain_follows():
    assert read_one({"prompt": Q, "response": f"{Q}\n{THINK}"})[1] == THINK
    assert read_one({"prompt": Q, "response": f"{Q} {A}"})[1] == f"{Q} {A}"


@pytest.mark.parametrize(
    ("prompt", "asked"),
    [
        (f"### Instruction:\n{Q}\n\n### Response:\n", [("user", Q)]),
        (f"Below is a task.\n\n### Instruction:\n{Q}\n\n### Response:", [("system", "Below is a task."), ("user", Q)]),
        (f"Human: {Q}\n\nAssistant:", [("user", Q)]),
        (f"Human: {Q}\n\nAssistant: <think>\n", [("user", Q)]),
        (f"<|turn>user\n{Q}<turn|>\n<|turn>model\n", [("user", Q)]),
    ],
)  # fmt: skip
def test_a_prompt_whose_answer_is_opened_is_read_back(prompt: str, asked: list[tuple[str, str]]):
    assert read_one({"prompt": prompt, "response": THINK}) == (asked, THINK)


def test_a_template_in_words_that_does_not_begin_like_one_is_refused():
    refuse(
        {"prompt": f"Q: {Q}\n\nAssistant:", "response": THINK}, "ends on 'Assistant:' of a prompt template"
    )
    kept = "Who wrote this?\n\nAssistant: no idea"
    assert read_one({"prompt": kept, "response": THINK})[0] == [("user", kept)]


@pytest.mark.parametrize(
    "token",
    [
        "<turn|>",
        "<extra_id_1>",
        "<reserved_106>",
        "<|begin▁of▁sentence|>",
        "]~b]",
        "[e~[",
        "<seed:bos>",
        "<role>HUMAN</role>",
        "<bos>",
        "<pad>",
    ],
)
def test_tokens_of_newer_templates_are_no_text(token: str):
    for text in (f"{token}user\nHi", f"See {token} there."):
        refuse({"prompt": text, "response": THINK}, "of a chat template")
        refuse({"prompt": Q, "response": f"<think>\nHm.\n</think>\n\n{text}"}, "of a chat template")


@pytest.mark.parametrize("text", ["<s>Human: Is 7 prime?\n</s><s>Assistant: ", "<s> USER: Is 7 prime?</s>"])
def test_a_speaker_behind_a_token_that_begins_a_text_is_no_words_of_it(text: str):
    refuse({"prompt": text, "response": THINK}, "of a (chat|prompt) template")
    refuse({"prompt": Q, "response": f"<think>\nHm.\n</think>\n\n{text}"}, "of a chat template")
