"""What is weak evidence: short prompts, names, music and glosses; and answers in another language."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from filters.checks.language import Language
from filters.types import Prompt, Sample
from tests.filters.checks.test_language import ENGLISH, data, verdict


def rows_of(name: str) -> list[list[str]]:
    lines = (Path(__file__).parents[1] / "data" / name).read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("number", range(8))
def test_short_prompts_leave_clean_chains_and_mixed_ones_what_they_are(number):
    prompts: dict[str, list[str]] = {}
    for language, prompt in rows_of("short_prompts.tsv"):
        prompts.setdefault(language, []).append(prompt)
    assert len(prompts) == 14
    assert all(len(said) == 8 and all(len(one.split()) <= 8 for one in said) for said in prompts.values())
    rows = [json.loads(line) for line in data("langmix_dev.jsonl").read_text("utf-8").splitlines()]
    found = [
        (verdict(row["text"], prompts[row["prompt_lang"]][number]).ok is False, row["label"] == "mixed")
        for row in rows
    ]
    flagged, mixed = sum(one for one, _ in found), sum(label for _, label in found)
    right = sum(one and label for one, label in found)
    assert right >= 0.98 * flagged
    assert right >= 0.98 * mixed


@pytest.mark.parametrize(
    ("prompt", "chain", "language"),
    [
        (
            "Resolva o problema passo a passo.",
            "Primeiro somamos os números e depois dividimos por dois.",
            None,
        ),
        ("Calcule o resultado.", "Primeiro somamos os números e depois dividimos por dois.", None),
        ("Calcule o resultado.", "First we add the numbers and then we divide by two.", "en"),
        ("Resuelve la ecuación y explica cada paso.", "Primeiro somamos os números e dividimos.", "pt"),
        ("Résous étape par étape.", "Primero sumamos los números y después dividimos.", "es"),
        ("Реши.", "Спочатку додаємо числа, а потім ділимо на два, тому що це середнє.", None),
        ("Реши это уравнение.", "First we add the numbers and then we divide by two.", "en"),
        ("解答。", "まず二つの数を足して、それから二で割ります。", None),
        ("请一步一步解题。", "まず二つの数を足して、それから二で割ります。", "ja"),
        ("Let d(z) = -2*z**3 + 54*z**2. Calculate d(28).", "First we substitute the value of z.", None),
    ],
)
def test_a_short_prompt_yields_to_the_chain_where_the_two_are_relatives(prompt, chain, language):
    found = verdict(chain, prompt)
    assert found.ok is (language is None)
    assert language is None or found.reason.startswith((f"other_language: {language}", f"mixed: {language}"))


@pytest.mark.parametrize("lot", "123")
def test_names_music_and_glosses_are_no_mix_and_slips_beside_them_are(lot):
    rows = [row[1:] for row in rows_of("names_and_glosses.tsv") if row[0] == lot]
    assert len(rows) > 100
    wrong = [
        text
        for label, _, language, text in rows
        if (verdict(text.replace("\\n", "\n"), "12 + 7 = ?", language).ok is True) != (label == "clean")
    ]
    assert len(wrong) <= (4 if lot == "3" else 0), wrong


def test_an_answer_in_another_language_is_rejected_only_if_asked_for():
    chain, answer = (
        "First we add, and then we subtract four from the sum.",
        "\nLa respuesta es quince, porque sumamos.",
    )
    sample = Sample("s", Prompt.make(ENGLISH), f"<think>{chain}</think>{answer}")
    assert Language().judge(sample).ok is True
    found = Language(answer=True).judge(sample)
    assert (found.ok, found.rule) == (False, "answer_language")
    assert found.reason == "answer_language: es, the prompt is en"
    assert sample.response[slice(*found.span)].startswith("respuesta")


@pytest.mark.parametrize(
    ("prompt", "answer", "ok"),
    [
        (ENGLISH, "The answer is \\boxed{15}.", True),
        (ENGLISH, "\\boxed{15}", True),
        (ENGLISH, "", True),
        (ENGLISH, "答案是十五。", False),
        (ENGLISH, "The answer is 15 (十五).", True),
        (f"{ENGLISH} Answer in Spanish.", "La respuesta es quince, porque sumamos.", True),
        (f"{ENGLISH} Translate the result into Chinese.", "答案是十五。", True),
        ("Calcule o resultado.", "A resposta é quinze, porque somamos os números.", True),
    ],
)
def test_what_is_an_answer_in_another_language(prompt, answer, ok):
    chain = (
        "First we add, and then we subtract four."
        if "12" in prompt
        else "Primeiro somamos e depois dividimos."
    )
    sample = Sample("s", Prompt.make(prompt), f"<think>{chain}</think>\n{answer}")
    assert Language(answer=True).judge(sample).ok is ok


def test_an_answer_is_looked_at_where_the_chain_passes():
    text = "First we add. 然后我们减去四。</think>答案是十五。"
    found = Language(answer=True).judge(Sample("s", Prompt.make(ENGLISH), text))
    assert found.rule == "mixed"
    assert (
        Language(answer=True).judge(Sample("s", Prompt.make(ENGLISH), "答案是十五。")).rule
        == "other_language"
    )


@pytest.mark.parametrize(
    "unit",
    ["pizzicato sempre ", "(entonces) ", ". Luego we", "the German word zahl ", "do re mi ", "사랑 (love) "],
)
def test_hostile_mentions_cost_less_than_a_second_a_megabyte(unit):
    batch = [
        Sample("s", Prompt.make("What is 12 plus 7?", language=code), unit * (500_000 // len(unit)))
        for code in ("en", "zh")
    ]
    begun = time.process_time()
    assert all(found.ok is not None for found in Language().check(batch))
    assert time.process_time() - begun < 5
