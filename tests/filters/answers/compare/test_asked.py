"""What the prompt says of its answer decides: units, percent, times, orders, forms, names, options."""

import pytest

from filters.answers.compare.context import NO_CONTEXT, read_context
from filters.answers.compare.equality import compare_answers

CASES = [
    # the unit that is asked for
    ("What does one pen cost, in dollars?", "0.75", r"0.75 \text{ cents}", False),
    ("What does one pen cost, in dollars?", "0.75", r"75 \text{ cents}", True),
    ("How long is it, in metres?", "5", "500 cm", True),
    ("How many minutes does it take?", "90", "1.5 hours", True),
    ("How many minutes does it take?", "90", "90 hours", False),
    ("How many hours a week does she work?", "35", "35 hours a week", True),
    ("How far is it in km?", "5", "5 kg", None),
    ("A rope of 3 metres is cut. What is the cost?", "5", "5 dollars", True),
    ("What is the speed in m/s?", "5", "5 km/h", False),
    ("What is the speed in m/s?", "5", "18 km/h", True),
    ("What is the speed in mph?", "5", "5 km/h", False),
    ("What is the rate (in kbps)?", "5000", "5 Mbps", True),
    ("Find the area in square centimeters.", "5", "5 cm", None),
    ("Find the area in square centimeters.", "5", "5 cm^2", True),
    ("Find the flow in cubic metres per second.", "2", "2 m^3", None),
    ("Give the angle in radians.", r"\pi", r"\pi^\circ", False),
    ("Give the angle in radians.", r"\frac{\pi}{3}", r"60^\circ", True),
    ("Give the angle in degrees.", "60", "60 rad", False),
    ("Give the angle in degrees.", "60", r"60^\circ", True),
    # what is counted, and which meaning of a unit is meant
    ("How many socks are there?", "5 pairs", "5", None),
    ("How many pairs of socks are there?", "5 pairs", "5", True),
    ("How many broken eggs are there?", "5 broken eggs", "5", True),
    ("增加了多少?", "25倍", "25", None),
    ("增加了几倍?", "25倍", "25", True),
    ("How much does it cost in £?", "5 pounds", "£5", True),
    ("What is the temperature in degrees Celsius?", "25 degrees", "25 °C", True),
    ("How much does each pen cost?", r"\$5", r"\$5 each", True),
    ("The temperature rose. By how many degrees?", "12", "12.0 degrees", True),
    # letters that are variables in the prompt are no units
    ("A block of mass m under gravity g. Find the force in terms of m and g.", "5mg", "0.005g", None),
    ("Find the area in terms of the height h.", "2h", "120 min", None),
    ("How long does it take?", "2h", "120 min", True),
    # Euler's number, digits between commas, dates
    ("Evaluate it in terms of e.", "2e-3", "0.002", None),
    ("Evaluate it.", "2e-3", "0.002", True),
    ("List the values separated by commas.", "1020300", "10,20,300", False),
    ("When was it?", "December 25", "12/25", None),
    # percent
    (r"In 30 \% of cases it fails. How many cases are there?", "12", r"12\%", None),
    ("By what percent did it grow?", "12", r"12\%", True),
    ("By what percent did it grow?", r"12\%", "0.12", True),
    ("What is the probability?", "0.5", r"0.5\%", None),
    ("What is the probability?", "0.5", r"50\%", True),
    # times of day, ratios, scores
    ("At what time do they meet?", "12:00", "1:00", False),
    ("At what time do they meet?", "2:30", "1:15", False),
    ("At what time do they meet?", "6:00", "18:00", None),
    ("At what time do they meet?", "6:00 p.m.", "18:00", True),
    ("At what time do they meet?", "6:00 p.m.", "6:00", True),
    ("At what time do they meet?", "6:00 a.m.", "18:00", False),
    ("What is it?", "1:20", "2:40", None),
    ("What is it?", "1:20", "2:45", False),
    # an order that is asked for
    ("Sort them in ascending order.", "1, 2, 3", "3, 2, 1", False),
    ("Sort them in ascending order.", "1, 2, 3", "1, 2, 3.0", True),
    ("List all solutions.", "1, 2, 3", "3, 2, 1", True),
    ("从小到大排列。", "1, 2, 3", "3, 2, 1", False),
    # a form that is asked for
    ("Write the prime factorization of 24.", r"2^3 \cdot 3", "24", None),
    ("Write the prime factorization of 24.", r"2^3 \cdot 3", r"3 \cdot 2^3", True),
    ("Expand the product.", "x^2-1", "(x-1)(x+1)", None),
    ("Give a common fraction in lowest terms.", r"\frac{1}{2}", r"\frac{2}{4}", None),
    ("Find the plane with A > 0 and coprime integers.", "x-y+z=0", "2x-2y+2z=0", None),
    ("Find the plane.", "x-y+z=0", "2x-2y+2z=0", True),
    ("Compute |1-4i|.", r"\sqrt{17}", "|1-4i|", None),
    # names in the order that the prompt gives
    ("Find the point (x, y).", "(2,-1)", "y = -1, x = 2", True),
    ("Find the point (x, y).", "(2,-1)", "x = -1, y = 2", False),
    ("Find (b, a).", "(2,5)", "a=5, b=2", True),
    ("Find the pair.", "(3,4)", "y=3, x=4", False),
    ("Find a, b.", "1, 2", "b=1, a=2", None),
    ("Solve.", "-1, 2", "x_1=2, x_2=-1", True),
    ("Find m+n.", "293", "m+n = 256+37 = 293", True),
    ("Find p.", "293", "m+n = 293", None),
    # a point and an interval
    ("At which point do they meet?", "(1,2)", "1<x<2", None),
    ("Solve the inequality.", "(1,2)", "1<x<2", True),
    # decimal commas
    ("What is it?", "3.5", "3,5", None),
    ("Find all solutions, separated by commas.", "3.5", "3,5", False),
    # codes
    ("What is the ZIP code?", "02139", "2139", None),
    ("Find m+n (AIME).", "016", "16", True),
    # scales
    ("How many dozens does she need?", "2", "2 dozen", None),
    ("How many eggs does she need?", "24", "2 dozen", True),
]


@pytest.mark.parametrize(("prompt", "reference", "answer", "equal"), CASES)
def test_the_prompt_decides(prompt: str, reference: str, answer: str, equal: bool | None) -> None:
    context = read_context(prompt)
    assert compare_answers(reference, answer, context).equal is equal
    assert compare_answers(answer, reference, context).equal is equal


@pytest.mark.parametrize("prompt", ["", " \n"])
def test_an_empty_prompt_says_nothing(prompt: str) -> None:
    assert read_context(prompt) is NO_CONTEXT


PARAMETERS = [
    # over the integers a family is a set
    (r"x = 3k+1, k\in\mathbb{Z}", r"x = 3m+1, m\in\mathbb{Z}", True),
    (r"x = 3k+1, k\in\mathbb{Z}", r"x = 3k-2, k\in\mathbb{Z}", True),
    (r"x = 3k+1, k\in\mathbb{Z}", r"x = 1-3k, k\in\mathbb{Z}", True),
    (r"x = 3k+1, k\in\mathbb{Z}", r"x = 3k+2, k\in\mathbb{Z}", False),
    (r"x = 3k+1, k\in\mathbb{Z}", r"x = 6k+1, k\in\mathbb{Z}", False),
    (r"x = 3k+1, k\in\mathbb{Z}", r"x = 3k+1, k\in\mathbb{N}", False),
    (r"x = 3k+1, k\in\mathbb{N}", r"x = 3n+1, n\in\mathbb{N}", True),
    (r"x = 3k+1, k\in\mathbb{Z}", "x = 3k+1, where k is an integer", True),
    (r"x = 3k+1, k\in\mathbb{Z}", "1", False),
    (r"\frac{\pi}{4}+k\pi, k\in\mathbb{Z}", r"\frac{\pi}{4}+n\pi, n\in\mathbb{Z}", True),
    (r"\frac{\pi}{4}+k\pi, k\in\mathbb{Z}", r"\frac{5\pi}{4}-n\pi, n\in\mathbb{Z}", True),
    (r"\frac{\pi}{4}+k\pi, k\in\mathbb{Z}", r"\frac{\pi}{4}+2n\pi, n\in\mathbb{Z}", False),
    # free constants that the prompt does not name
    (r"\sin x + C", r"\sin x + c", True),
    (r"\frac12\sin^2 x + C", r"-\frac12\cos^2 x + C", True),
    (r"\frac12\sin^2 x + C", r"\frac12\cos^2 x + C", False),
    ("x^2 + C", "x^2", False),
    ("C_1 e^x + C_2 e^{-x}", "A e^{-x} + B e^x", True),
    ("C_1 e^x + C_2 e^{-x}", "A e^{x} + B e^{2x}", False),
    ("f(x) = ax + b", "f(x) = mx + c", None),
    ("(t, 2t)", "(s, 2s)", True),
    # other names are not proved to be the same, nor different, unless they are told apart
    (r"\pi r^2", r"\frac{\pi d^2}{4}", None),
    (r"1 - \frac{T_2}{T_1}", r"1 - \frac{T_C}{T_H}", None),
    ("x_1 + x_2", "x_1 + x_3", False),
    ("x^2 + 1", "y^2 + 1", False),
    ("b", "C", False),
    (r"\{a, b\}", r"\{a, c\}", False),
    (r"A \to B", r"C \to B", None),
]


@pytest.mark.parametrize(("reference", "answer", "equal"), PARAMETERS)
def test_parameters_and_constants(reference: str, answer: str, equal: bool | None) -> None:
    context = read_context("Integrate or solve.")
    assert compare_answers(reference, answer, context).equal is equal
    assert compare_answers(answer, reference, context).equal is equal


def test_constants_that_the_prompt_names_are_not_renamed() -> None:
    named = read_context("Find the function with the constants $c$ and $k$.")
    assert compare_answers("x + c", "x + k", named).equal is False
    assert compare_answers("x + c", "x + k").equal is None
    counted = read_context("How many are there?")
    assert compare_answers("n + k", "n + k - 1", counted).equal is False
    assert compare_answers("x + C", "x + 2 + C", counted).equal is None


SHAPES = [
    # vectors and matrices
    (r"\begin{pmatrix}3\\4\end{pmatrix}", r"3\mathbf{i}+4\mathbf{j}", True),
    (r"\begin{pmatrix}3\\4\end{pmatrix}", r"3\mathbf{i}-4\mathbf{j}", False),
    (r"3\hat{i}-2\hat{j}+\hat{k}", "(3,-2,1)", True),
    (r"3\vec{i}+4\vec{j}", "(4,3)", False),
    ("3+4i", "(3,4)", False),
    (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", "[[1,2],[3,4]]", True),
    (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", "[[1,3],[2,4]]", False),
    # what is read as it stands
    (r"\vec{a}-\vec{b}", r"-\vec b+\vec a", True),
    (r"\vec{a}-\vec{b}", r"\vec{a}+\vec{b}", False),
    (r"\angle A - \angle B", r"\angle A + \angle B", False),
    (r"\sum_{k=1}^{n} 2k", r"\sum_{k=1}^n k \cdot 2", True),
    (r"\sum_{k=1}^{n} (-1)^k k", r"\sum_{k=1}^{n} k", None),
    (r"\frac{dy}{dx}", r"\frac{y}{x}", None),
    (r"\ddot{x} + \omega^2 x = 0", r"\ddot x = -\omega^2 x", True),
    (r"\ddot{x} + \omega^2 x = 0", r"\ddot x = \omega^2 x", False),
    # names on the left side
    (r"x_p(t) = 2t", "2t", True),
    (r"MRTS_{l,k} = \frac{l}{k}", "l/k", True),
    (r"H(\omega) = \frac{1}{1+\omega}", r"\frac{1}{1+\omega}", True),
    (r"\overline{E} = \frac12 kT", r"\frac{kT}{2}", True),
    ("E = 4F", "E_1 = 4F", None),
    ("x = 3", "y = 3", False),
    ("3", "3x = 3", False),
    ("x = 3", "not x = 3", None),
    ("y(0)", "0", None),
    # intervals
    ("]0, 1[", "(0, 1)", True),
    (r"]-\infty, 3[", r"]-\infty, 3]", False),
    # approximations
    (r"T \approx 5000", r"T \approx 5773", False),
    (r"\sqrt 2", r"x = \sqrt 2 \approx 1.41", True),
    ("2.044", r"E = 4m \approx 2.044", None),
    # labelled parts
    ("(a) 5, (b) 6", r"(a)\ 5 \quad (b)\ 6", True),
    ("(a) 5, (b) 6", "(a) 6, (b) 5", False),
    ("ymnr", "ynmr", None),
    (r"3\\sqrt{13}", r"3\sqrt{13}", True),
    (r"0.\dot{1}\dot{2}", r"\frac{4}{33}", True),
]


@pytest.mark.parametrize(("reference", "answer", "equal"), SHAPES)
def test_shapes(reference: str, answer: str, equal: bool | None) -> None:
    assert compare_answers(reference, answer).equal is equal
    assert compare_answers(answer, reference).equal is equal
