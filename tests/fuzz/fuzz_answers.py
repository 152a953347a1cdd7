"""Fuzz the answer checks with atheris, which changes inputs towards code that no input has reached yet.

Run: pip install atheris && python tests/fuzz/fuzz_answers.py -max_total_time=600 [CORPUS_FOLDER]
Each file of the corpus holds a reference, a line break and an answer; further flags are libFuzzer's. It ends
at the first input that raises, takes over two seconds or 1 GB, makes a check say what it must not, or is
equal one way only; the input is kept in a file crash-…, timeout-… or oom-….
"""

import json
import sys
import time

import atheris

with atheris.instrument_imports(include=["filters"]):
    from filters.answers.compare.choices import read_reference_letters
    from filters.answers.compare.equality import compare_answers
    from filters.checks.instructions import Instructions
    from filters.checks.json_cells import JsonCells
    from filters.checks.math_answer import MathAnswer
    from filters.checks.number import Number
    from filters.instruct.rules import RULES
    from filters.types import Prompt, Sample, Verdict

LIMIT_S = 2.0
"""Instrumented code is several times slower than it is in use."""
CHECKS = (MathAnswer(), Number(relative=0.01), JsonCells(), Instructions())
ARGUMENTS = {"num_words": 3, "num_sentences": 2, "num_paragraphs": 2, "nth_paragraph": 1, "first_word": "a",
             "num_bullets": 1, "num_highlights": 1, "num_sections": 1, "num_placeholders": 1, "frequency": 1,
             "let_frequency": 1, "capital_frequency": 1, "letter": "a", "language": "en"}  # fmt: skip
PHRASES = (
    "keyword",
    "section_spliter",
    "prompt_to_repeat",
    "postscript_marker",
    "start_phrase",
    "end_phrase",
)


def one(data: bytes) -> None:
    """One input: a reference, a line break, and an answer."""
    reference, _, answer = data.decode("utf-8", "replace").partition("\n")
    extra = {"instructions": [_instruction(name, reference) for name in RULES]}
    prompt = Prompt.make("Which is it? (A) 1 (B) 2", reference, extra=extra)
    started = time.process_time()
    for response in (answer, f"<think>{answer}</think>\\boxed{{{answer}}}"):
        for check in CHECKS:
            _sound(check.name, check.check([Sample("s", prompt, response)])[0], response)
    assert compare_answers(answer, f" {answer} ").equal is not False, "an answer differs from itself"
    if not (
        read_reference_letters(reference) or read_reference_letters(answer)
    ):  # a letter as reference asks for letters
        both = {compare_answers(reference, answer).equal, compare_answers(answer, reference).equal}
        assert both != {True, False}, f"equal one way only: {json.dumps([reference, answer])}"
    assert time.process_time() - started < LIMIT_S, "too slow"


def _instruction(name: str, phrase: str) -> dict[str, object]:
    texts = dict.fromkeys(PHRASES, phrase)
    return {"id": name, **ARGUMENTS, **texts, "keywords": [phrase], "forbidden_words": [phrase]}


def _sound(name: str, verdict: Verdict, response: str) -> None:
    """Whether a verdict has its form."""
    assert verdict.rule != "crashed", f"{name}: {verdict.reason}"
    assert len(verdict.reason) <= 400, f"{name}: {len(verdict.reason)} characters of reason"
    assert verdict.score is None or 0 <= verdict.score <= 1, f"{name}: score {verdict.score}"
    if verdict.span is not None:
        start, end = verdict.span
        assert 0 <= start <= end <= len(response), f"{name}: span {verdict.span}"


if __name__ == "__main__":
    atheris.Setup([*sys.argv, "-rss_limit_mb=1024", "-timeout=10"], one)
    atheris.Fuzz()
