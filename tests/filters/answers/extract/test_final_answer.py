import time

import pytest

from filters.answers.extract.final_answer import CUE_TAIL, FinalAnswer, extract_answer
from filters.answers.extract.listed_answers import MAX_LINE, MAX_LINES
from filters.checks.math_answer import MathAnswer
from filters.think import split_response
from filters.types import Prompt, Sample


def extracted(response: str, finish: str = "stop") -> FinalAnswer:
    return extract_answer(split_response(response, finish))


@pytest.mark.parametrize(
    ("response", "text", "how"),
    [
        (r"So \boxed{\frac{1}{2}}.", r"\frac{1}{2}", "box"),
        (r"\boxed{a \} b}", r"a \} b", "box"),
        (r"\fbox{7}", "7", "box"),
        (r"\boxed 7", "7", "box"),
        (r"\boxed{1}, then \boxed{2}", "2", "box"),
        (r"$x=\boxed{1}$ or $x=\boxed{2}$", "x=1, x=2", "boxes"),
        (r"$y=\boxed{2}$, $x=\boxed{3}$", "y=2, x=3", "boxes"),
        (r"$f(1)=\boxed{2}$ and $f(2)=\boxed{3}$", "f(1)=2, f(2)=3", "boxes"),
        (r"$x = \boxed{2}, \boxed{3}$", "x=2, 3", "boxes"),
        (r"\boxed{2}, \boxed{3}", "2, 3", "boxes"),
        (r"\boxed{1}, \boxed{2} and \boxed{3}", "1, 2, 3", "boxes"),
        ("<answer> 7 </answer>", "7", "tag"),
        (r"<answer>so \boxed{7}</answer>", "7", "tag"),
        ("The answer is 1,024.5. Done.", "1,024.5", "cue"),
        ("**Final Answer:** 7", "7", "cue"),
        ("Final answer:\n\n$$\n7\n$$", "7", "cue"),
        ("The answer is -7.", "-7", "cue"),
        ("The answer is 7, not 8.", "7", "cue"),
        ("steps\n#### 7", "7", "cue"),
        ("steps\nA: 7", "7", "cue"),
        ("答案是7。", "7", "cue"),
        ("La réponse est 7.", "7", "cue"),
        ("Adding both.\nSo she has a total of $7$.", "7", "conclusion"),
        ("Therefore the sum is 7.", "7", "conclusion"),
        ("x = 7", "x = 7", "whole"),
        ("It must have been **seven** of them I believe", "seven", "emphasis"),
        ("She seems to have 7 of them I believe", "7", "last_number"),
        ("I really do not know how this could be done", "", "none"),
        (r"\boxed{}", "", "none"),
        ("<think>\\boxed{7}", "", "unclosed_think"),
        ("<think>a</think>b<think>\\boxed{7}", "", "unclosed_think"),
    ],
)
def test_places(response: str, text: str, how: str) -> None:
    found = extracted(response)
    assert (found.text, found.how) == (text, how)


def test_the_span_is_where_the_answer_stands() -> None:
    response = "<think>\\boxed{1}</think>\n\nSo $\\boxed{ 42 }$."
    found = extracted(response)
    assert found.span is not None
    assert response[slice(*found.span)].strip() == found.text == "42"


def test_guesses_are_weak() -> None:
    assert extracted("She seems to have 7 of them I believe").strong is False
    assert extracted("The answer is 7.").strong is True


def test_only_the_tail_is_read() -> None:
    assert extracted("The answer is 7." + " and so on it goes" * CUE_TAIL).how != "cue"


def test_a_cut_off_box_leaves_no_earlier_one() -> None:
    assert extracted(r"Try \boxed{5}. But then \boxed{6 + ").how != "box"


def test_an_answer_too_long_for_a_cue_is_not_cut() -> None:
    assert extracted("The answer is " + "1" * 1_000).how != "cue"


def test_nothing_at_all() -> None:
    assert extracted("") == FinalAnswer("", "none", True)


@pytest.mark.parametrize(
    ("response", "how"),
    [
        (r"so \boxed{7}. But wait", "cut"),
        ("", "cut"),
        (r"<think>so \boxed{7}. But", "unclosed_think"),
        (r"so</think>\boxed{7} and", "box"),
    ],
)
def test_cut_off_before_any_tag_there_is_no_answer(response: str, how: str) -> None:
    assert extracted(response, "length").how == how


def test_another_question_after_the_answer_makes_its_answer_a_rival() -> None:
    found = extract_answer(split_response("The answer is 42.\n\nQ: 1+1?\nA: 2"))
    assert (found.text, found.rival) == ("2", "42")
    boxed = r"So \boxed{42}." + "\n\nQuestion: What is 1 + 1?\n" + r"It is \boxed{2}."
    assert extract_answer(split_response(boxed)).rival == "42"
    assert extract_answer(split_response("Question: 1+1?\nThe answer is 2.")).rival == ""


def test_a_tag_that_is_spoken_of_opens_nothing() -> None:
    for said in ("I used the <think> tag as asked.", "I wrote it inside `<think>`.", "我用了<think>标签。"):
        assert extract_answer(split_response(f"<think>a</think>The answer is 5. {said}")).text == "5"
    assert extract_answer(split_response("<think>a</think>5 <think>tags</think>The answer is 6.")).text == "6"
    assert extract_answer(split_response("<think>a</think>`<think>` 5 <think>b")).how == "unclosed_think"


@pytest.mark.parametrize(
    "response",
    [
        "So we add.\n\n#### 42\n",
        "Answer:\n42\n\nThat is it.\n",
        "It is\n\\[\n\\boxed{42}\n\\]\n",
        "So:\n```\n42\n```\n",
    ],
)
def test_line_ends_of_windows_change_nothing(response: str) -> None:
    one, two = (extract_answer(split_response(text)) for text in (response, response.replace("\n", "\r\n")))
    assert (one.text, one.how, one.doubt) == (two.text, two.how, two.doubt)


def test_a_run_of_asterisks_before_a_box_is_read_once() -> None:
    start = time.perf_counter()
    for line in ("so****" * 13, "*" * 79, "so, : " * 13):
        assert extracted(f"\n{line}x\\boxed{{5}}").how == "box"
    assert time.perf_counter() - start < 1


def test_a_font_command_of_spaces_is_no_unit() -> None:
    start = time.perf_counter()
    assert extracted(r"\boxed{5} \text{  cm }").text.split() == [r"5", r"\text{", "cm", "}"]
    assert extracted(r"\boxed{5} \text{" + " " * 5_000).text == "5"
    assert time.perf_counter() - start < 1


def list_numbers(count: int) -> str:
    return "The answers are:\n" + "\n".join(map(str, range(1, count + 1)))


@pytest.mark.parametrize("more", [list_numbers(30), f"{list_numbers(3)}\n{'1' * (MAX_LINE + 1)}"])
def test_a_list_too_long_to_be_read_never_becomes_a_shorter_one(more: str) -> None:
    assert extracted(more).doubt == "a list too long to be read"
    for count in range(1, 31):
        reference = ", ".join(map(str, range(1, count + 1)))
        assert MathAnswer().judge(Sample("", Prompt.make("q", reference), more)).ok is None


def test_a_list_of_as_many_lines_as_are_read_is_whole() -> None:
    found = extracted(list_numbers(MAX_LINES))
    assert (found.text, found.doubt) == (", ".join(map(str, range(1, MAX_LINES + 1))), "")
    assert extracted(list_numbers(MAX_LINES + 1)).doubt
