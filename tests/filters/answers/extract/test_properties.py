"""What changes nothing, and what never leaves a "true", whatever the answer is."""

from hypothesis import given, settings
from hypothesis import strategies as st

from filters.answers.extract.final_answer import FinalAnswer, extract_answer
from filters.checks.math_answer import MathAnswer
from filters.think import split_response
from filters.types import Prompt, Sample

ANSWERS = st.sampled_from(
    ["5", "-7", "3.5", r"\frac{3}{4}", r"2\sqrt{3}", "x+1", "(1,2)", r"5 \text{ cm}", "B", "Paris", "x = 3"]
)
LEADS = st.sampled_from(
    ["", "So ", "The answer is ", "Therefore, the value is ", "**Answer:** ", "所以答案是"]
)
CLOSINGS = st.sampled_from(["", ".", " ", "\n", ".\n\n", "。"])
REMARKS = st.sampled_from(
    [
        "This satisfies the conditions.",
        "I hope it is correct.",
        "Check: 2 + 3 = 5, as required.",
        "Which was to be shown.",
        "🎉",
        "Done.",
        "We can see that nothing else fits.",
        "这就是最终答案。",
        "Esto completa la solución.",
        "Was zu zeigen war.",
    ]
)
DENIALS = st.sampled_from(
    ["not ", "The answer is not ", "It cannot be ", "It isn't ", "never ", "答案不是", "La respuesta no es ",
     "La réponse n'est pas ", "Die Antwort ist nicht ", "A resposta não é ", "Ответ не "]
)  # fmt: skip
SHAPES = st.sampled_from(
    [r"\boxed{%s}", r"$\boxed{%s}$", r"\[ \boxed{%s} \]", r"$$\boxed{%s}$$", r"\( \boxed{ %s } \)"]
)
NEUTRAL = st.sampled_from(
    [r"\boxed{%s}", r"\boxed {%s}", r"\text{\boxed{%s}}", r"\textbf{\boxed{%s}}", r"{\color{red}\boxed{%s}}",
     r"\displaystyle \boxed{%s}", r"\ \boxed{%s}\ ", r"\quad\boxed{%s}\,", r"\underline{\boxed{%s}}"]
)  # fmt: skip


def read(response: str) -> FinalAnswer:
    return extract_answer(split_response(response))


@settings(max_examples=200, deadline=None)
@given(ANSWERS, SHAPES, LEADS, CLOSINGS, REMARKS)
def test_a_harmless_sentence_after_it_changes_nothing(
    answer: str, shape: str, lead: str, closing: str, remark: str
) -> None:
    plain, more = lead + shape % answer, f"{lead}{shape % answer}{closing or ' '}{remark}"
    assert (read(plain).text, read(plain).doubt) == (answer, "")
    assert (read(more).text, read(more).doubt, read(more).rival) == (answer, "", "")


@settings(max_examples=150, deadline=None)
@given(ANSWERS, NEUTRAL, LEADS, st.booleans())
def test_layout_round_the_box_changes_nothing(answer: str, shape: str, lead: str, inside: bool) -> None:
    formula = f"${shape % answer}$" if inside else shape % answer
    found = read(f"{lead}{formula}.")
    assert (found.text, found.doubt) == (answer, "")


@settings(max_examples=100, deadline=None)
@given(st.integers(3, 99), SHAPES, st.sampled_from(["x", "y", "n_1", "\\theta"]), CLOSINGS)
def test_the_name_before_a_box_is_part_of_the_answer(
    number: int, shape: str, name: str, closing: str
) -> None:
    found = read(f"So {name} = {shape % number}{closing}")
    assert (found.text, found.doubt) == (f"{name}={number}", "")
    prompt = Prompt.make("q", f"{'y' if name == 'x' else 'x'}={number}")
    response = f"So {name} = {shape % number}"
    assert MathAnswer().judge(Sample("", prompt, response)).ok is not True
    assert MathAnswer().judge(Sample("", Prompt.make("q", str(number)), response)).ok is True


@settings(max_examples=150, deadline=None)
@given(ANSWERS, SHAPES, DENIALS)
def test_a_denied_answer_is_never_true(answer: str, shape: str, denial: str) -> None:
    prompt = Prompt.make("q", answer)
    assert MathAnswer().judge(Sample("", prompt, f"{denial}{shape % answer}.")).ok is None
    assert MathAnswer().judge(Sample("", prompt, f"{denial}{answer}.")).ok is not True


@settings(max_examples=100, deadline=None)
@given(ANSWERS, SHAPES, DENIALS, REMARKS)
def test_what_stands_in_the_chain_does_not_matter(answer: str, shape: str, denial: str, remark: str) -> None:
    plain = shape % answer
    found = read(f"<think>{remark} {denial}{shape % answer} Wait, \\boxed{{9}}</think>{plain}")
    assert (found.text, found.doubt, found.rival) == (answer, "", "")


@settings(max_examples=100, deadline=None)
@given(
    st.integers(3, 99),
    st.sampled_from(["-%s", r"%s\pi", r"\frac{%s}{7}", r"\sqrt{%s}", r"%s\times 10^3", "%s!", "%s+x"]),
)
def test_the_mathematics_round_a_box_counts(number: int, formula: str) -> None:
    response = f"So $y = {formula % f'{chr(92)}boxed{{{number}}}'}$."
    check = MathAnswer()
    assert check.judge(Sample("", Prompt.make("q", formula % number), response)).ok is True
    assert check.judge(Sample("", Prompt.make("q", str(number)), response)).ok is not True
