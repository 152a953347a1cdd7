"""A response comes out as <think>, the chain, </think>, the answer, or as it was, or is refused."""

import pytest

from curate.readers.shapes.chains import join_chain, normalize_chain
from curate.readers.shapes.channels import split_channels
from curate.readers.shapes.misfit import Misfit
from tests.curate.readers.rows import THINK, A, C

ANALYSIS, FINAL = "<|channel|>analysis<|message|>", "<|channel|>final<|message|>"


@pytest.mark.parametrize(
    "text",
    [
        THINK,
        f"<think>{C}</think>{A}",
        f"<think>\r\n{C}\r\n</think>\r\n\r\n{A}  \n",
        f"<think>\n\n</think>\n\n{A}",
        f"<think>\n\n</think>\n\n<think>\n{C}\n</think>\n\n{A}",
        f"<think>\nI end it with </think> or [/THINK] or </thinking>.\n</think>\n\n{A}",
        f"<think>\n<|begin_of_thought|> is a mark.\n</think>\n\n{A}",
        f"<think>\n{C}\n</think>\n\n<answer>{A}</answer>",
        f"<think>\n{C}",
        f"Well. <think>\n{C}\n</think>\n\n{A}",
        A,
        "",
        "Put it in <thinking> tags, or in <thinking></thinking>.",
        "The tag `</thinking>` ends it, and '[/THINK]' too.",
        "Use <reasoning>\n…\n</reasoning> here.",
        "a < b and c </ d",
    ],
)
def test_what_is_normal_or_has_no_chain_stays_letter_by_letter(text: str):
    assert normalize_chain(text).text == text


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        (f"{C}\n</think>\n\n{A}", "closed only"),
        (f"\n\n{C}\n</think>\n\n{A}", "closed only"),
        (f"\n \ufeff<think>\n{C}\n</think>\n\n{A}", "inline"),
        (f"<think>\n{C}\n</think >\n\n{A}", "inline"),
        (f"<think>\n{C}\n</THINK>\n\n{A}", "inline"),
        (f"<THINK>{C}</THINK>{A}", "<THINK>"),
        (f"<THINK>{C}</think>{A}", "<THINK>"),
        (f"< think >{C}< / think >{A}", "< think >"),
        (f"<thinking>{C}</thinking>{A}", "<thinking>"),
        (f"<Thought>\n{C}\n</Thought>\n{A}", "<Thought>"),
        (f"<reasoning>{C}</reasoning>{A}", "<reasoning>"),
        (f"<seed:think>{C}</seed:think>{A}", "<seed:think>"),
        (f"<longcat_think>{C}</longcat_think>{A}", "<longcat_think>"),
        (f"[THINK]{C}[/THINK]{A}", "[THINK]"),
        (f"◁think▷{C}◁/think▷{A}", "◁think▷"),
        (f"<|START_THINKING|>{C}<|END_THINKING|><|START_RESPONSE|>{A}<|END_RESPONSE|>", "<|START_THINKING|>"),
        (f"<unused94>thought\n{C}<unused95>{A}", "<unused94>thought"),
        (f"<|im_start|>think\n{C}\n<|im_start|>answer\n{A}", "<|im_start|>think"),
        (f"<|begin_of_thought|>{C}<|end_of_thought|>\n\n<|begin_of_solution|>{A}<|end_of_solution|>",
         "<|begin_of_thought|>"),
        (f"{C}\n</thinking>\n{A}", "</thinking> only"),
        (f"{C}[/THINK]{A}", "[/THINK] only"),
        (f"{ANALYSIS}{C}<|end|><|start|>assistant{FINAL}{A}<|return|>", "channels"),
        (f"<|start|>assistant{ANALYSIS}{C}<|end|><|start|>assistant{FINAL}{A}", "channels"),
        (f"analysis{C}assistantfinal{A}", "channels"),
    ],
)  # fmt: skip
def test_other_marks_become_ours(text: str, marks: str):
    normal = normalize_chain(text)
    assert normal.marks == marks
    assert " ".join(normal.text.split()).replace("> ", ">").replace(" <", "<") == f"<think>{C}</think>{A}"
    assert normalize_chain(normal.text) == (normal.text, "inline")


@pytest.mark.parametrize(
    "text", [f"[THINK]{C}", f"<thinking>{C}", f"{ANALYSIS}{C}", f"<|begin_of_thought|>{C}"]
)
def test_a_chain_that_nothing_closes_stays_open(text: str):
    assert normalize_chain(text).text == f"<think>\n{C}"


def test_a_null_character_is_no_mark():
    assert normalize_chain("<thinking>a\0b</thinking>c").text == "<think>\na\0b\n</think>\n\nc"
    assert normalize_chain("<thinking>a\0b").text == "<think>\na\0b"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"[THINK]{C} [/THINK] ends it.[/THINK]{A}", r"the mark \[/THINK\] more than once"),
        (f"<thinking>{C}</thinking>a<thinking>b</thinking>{A}", "several closing marks of <thinking>"),
        (f"<think>{C}</THINK>{A}</THINK>", "2 closing marks like </THINK>, and none is </think>"),
        (
            f"[THINK]{C}[/THINK]The tag </think> ends a chain.",
            "the answer behind it holds <think> or </think>",
        ),
        (f"<thinking>{C}</think>{A}", "not closed by its own mark, but holds </think>"),
        ("The tag </thinking> ends a chain.", "holds </thinking> without a mark that opens a chain"),
        (f"{C}</thinking>a</thinking>b", "holds </thinking> without a mark that opens a chain"),
        ("The tag `</think>` ends a chain.", "speaks of </think> in its answer"),
        (f"{C}</think>The tag `</think>` ends it.", "speaks of </think> in its answer"),
        (
            f"<|begin_of_thought|>{C}<|end_of_thought|><|begin_of_solution|>a<|end_of_solution|>b",
            "in its middle",
        ),
        (f"{FINAL}{A}<|end|>{ANALYSIS}{C}", "not analysis followed by final"),
        (
            f"{ANALYSIS}{C}<|end|><|start|>assistant<|channel|>commentary to=f<|message|>{{}}<|call|>",
            "not analysis",
        ),
        (f"{ANALYSIS}{C}<|end|>more{FINAL}{A}", "not analysis followed by final"),
        ("gpt-oss writes <|channel|>.", "not analysis followed by final"),
        (f"analysis{C}assistantcommentary to=f{{}}assistantfinal{A}", "not analysis followed by final"),
    ],
)
def test_where_the_chain_ends_cannot_be_told(text: str, reason: str):
    with pytest.raises(Misfit, match=reason):
        normalize_chain(text)


def test_several_chains_of_channels_are_one():
    text = f"{ANALYSIS}a<|end|><|start|>assistant{ANALYSIS}b<|end|><|start|>assistant{FINAL}{A}<|return|>"
    assert split_channels(text) == ("a\n\nb", A)
    assert split_channels(f"{FINAL}{A}") == (None, A)


@pytest.mark.parametrize(
    ("chain", "answer"),
    [
        (C, A),
        (f"\n{C}\n", f"\n\n{A}"),
        (C, THINK),
        (f"<think>\n{C}\n</think>", A),
        (f"<think>\n{C}\n</think>", THINK),
        (f"<think>\n{C}", A),
        (f"{C}\n</think>", A),
        (THINK, A),
        (THINK, ""),
        (C, f"<think>\n\n</think>\n\n{A}"),
        (f"<thinking>{C}</thinking>", A),
        ("", THINK),
    ],
)
def test_a_chain_in_a_column_of_its_own_is_joined_once(chain: str, answer: str):
    assert join_chain(chain, answer).text == THINK


def test_a_chain_without_an_answer_stays_open():
    assert join_chain(C, "").text == f"<think>\n{C}"
    assert join_chain(" ", A) == (A, "")


@pytest.mark.parametrize(
    ("chain", "answer", "reason"),
    [
        ("Another.", THINK, "differs from the one in the response"),
        (f"<think>{C}</think>No.", A, "holds an answer that differs from the response"),
        (C, f"Well. <think>{C}</think>{A}", "think marks in the middle of the response"),
        (C, "Use <think> here.", "think marks in the middle of the response"),
    ],
)
def test_two_chains_or_answers_that_differ_are_refused(chain: str, answer: str, reason: str):
    with pytest.raises(Misfit, match=reason):
        join_chain(chain, answer)
