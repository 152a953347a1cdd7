"""Mixed languages inside a chain, judged against the prompt's language."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from filters.checks.language import Language
from filters.types import Prompt, Sample

ENGLISH, CHINESE = "What is 12 plus 7 minus 4?", "12 加 7 减 4 等于多少？"


def verdict(chain: str, prompt: str = ENGLISH, language: str | None = None, **options):
    response = f"<think>{chain}</think>\n\\boxed{{15}}"
    return Language(**options).judge(Sample("s", Prompt.make(prompt, language=language), response))


def marked(chain: str, found) -> str:
    begin, end = found.span
    return chain[begin - 7 : end - 7]


@pytest.mark.parametrize(
    ("prompt", "chain", "span"),
    [
        (CHINESE, "\n先算 12 + 7 = 19\nThen 19 - 4 = 15\n", "Then"),
        (CHINESE, "\nFirst 12 + 7 = 19\n再算 19 - 4 = 15\n", "First"),
        (CHINESE, "\n先算 12 + 7 = 19\nNext, subtract 4\n", "Next, subtract"),
        (CHINESE, "\n先算 12 + 7 = 19\nAnswer: 15\n", "Answer"),
        (ENGLISH, "\nFirst 12 + 7 = 19\n然后 19 - 4 = 15\n", "然后"),
        (ENGLISH, "\n先算 12 + 7 = 19\nThen 19 - 4 = 15\n", "先算"),
    ],
)
def test_one_line_in_the_other_language_is_a_mix(prompt, chain, span):
    found = verdict(chain, prompt)
    assert (found.ok, found.rule, found.score) == (False, "mixed", 1)
    assert marked(chain, found) == span


@pytest.mark.parametrize(
    ("prompt", "chain"),
    [
        (CHINESE, "\n先算 12 + 7 = 19\n再算 19 - 4 = 15\n"),
        (CHINESE, "\n先算 12 + 7\n12 + 7 = 19\n19 - 4 = 15\n"),
        (ENGLISH, "\nFirst 12 + 7 = 19\nThen 19 - 4 = 15\n"),
        (ENGLISH, "\n12 + 7 = 19\n19 - 4 = 15\n"),
        (CHINESE, "\n12 + 7 = 19\n"),
    ],
)
def test_clean_short_chains_and_lines_of_numbers_pass(prompt, chain):
    assert verdict(chain, prompt).ok is True


def test_a_chain_wholly_in_another_language_is_mixed():
    found = verdict("First we add the numbers, and then we subtract four from the sum.", CHINESE)
    assert (found.ok, found.rule) == (False, "other_language")
    assert "en" in found.reason


def test_without_a_language_in_the_prompt_the_chain_s_majority_counts():
    chain = "Nous avons douze et sept. La somme est donc dix-neuf. But we still have to subtract. Il reste quinze."
    found = verdict(chain, "12 + 7 - 4 = ?")
    assert found.reason == "mixed: en in fr"
    assert verdict("12 + 7 = 19", "12 + 7 = ?").ok is True


def test_the_prompt_s_own_language_field_wins():
    chain = "Nous avons donc douze et sept."
    assert verdict(chain, ENGLISH).ok is False
    assert verdict(chain, ENGLISH, "fr-FR").ok is True


def test_a_response_without_tags_is_judged_whole():
    sample = Sample("s", Prompt.make(ENGLISH), "So the sum is 19. 所以答案是 15。")
    assert Language().judge(sample).span == (18, 23)


def test_options_relax_it():
    chain = "Hmm, 所以 we have 19 now."
    assert verdict(chain).ok is False
    assert verdict(chain, single_words=False).ok is True
    assert verdict(chain, max_segments=1).ok is True


def test_either_identifier_can_be_named():
    sentence = "Mivel a két háromszög hasonló, a területek aránya állandó marad."
    for name in ("fasttext", "langdetect"):
        assert (
            verdict(
                sentence, "Mennyi a két háromszög területének az aránya egymáshoz képest?", identifier=name
            ).ok
            is True
        )
        assert (
            verdict(f"{sentence} This is what the problem asks us to find.", "12?", "hu", identifier=name).ok
            is False
        )


@pytest.mark.parametrize(
    "bait",
    [
        "a ",
        "que, ",
        "the ",
        "所 ",
        "ы",
        "é ",
        '"a',
        "$a",
        "\\[",
        "```\n",
        "\x00",
        "\ud800",
        "\u202e",
        "e" + "\u0301" * 50,
    ],
)
def test_hostile_text_costs_less_than_a_second_a_megabyte(bait):
    response = bait * (1_000_000 // len(bait.encode("utf-8", "surrogatepass")))
    batch = [Sample("s", Prompt.make("What is 12 plus 7?", language=code), response) for code in ("en", "zh")]
    assert all(found.ok is not None for found in Language().check(batch))


def data(name: str) -> Path:
    folder = os.environ.get("R1CURATE_TEST_DATA")
    if not folder:
        pytest.skip("R1CURATE_TEST_DATA names no folder with the real data")
    return Path(folder) / name


def langmix_of_the_project() -> Path:
    return Path(__file__).parents[1] / "data/langmix.jsonl"


@pytest.mark.parametrize("path", [langmix_of_the_project, lambda: data("langmix_dev.jsonl")])
def test_chains_labelled_as_mixed_and_clean(path):
    rows = [json.loads(line) for line in path().read_text("utf-8").splitlines()]
    check, flagged, right, missed = Language(), 0, 0, []
    for row in rows:
        sample = Sample(row["id"], Prompt.make(row["prompt"], language=row["prompt_lang"]), row["text"])
        rejected = check.judge(sample).ok is False
        flagged += rejected
        right += rejected and row["label"] == "mixed"
        if row["label"] == "mixed" and not rejected:
            missed.append(row["kind"])
    mixed = sum(row["label"] == "mixed" for row in rows)
    assert right >= 0.98 * flagged
    assert right >= 0.95 * mixed
    assert all(missed.count(kind) * 20 <= sum(r["kind"] == kind for r in rows) for kind in set(missed))


OTHERS = {
    "tr": "Şimdi iki denklemi toplayıp bilinmeyeni bulalım. Bu yüzden toplam uzunluk yirmi dört metre olur.",
    "pl": "Teraz dodajmy oba równania i znajdźmy niewiadomą. Dlatego całkowita długość wynosi dwadzieścia metrów.",
    "cs": "Teď sečteme obě rovnice a najdeme neznámou. Proto je celková délka dvacet čtyři metrů.",
    "hu": "Most összeadjuk a két egyenletet, és megkeressük az ismeretlent. Ezért a teljes hossz huszonnégy méter.",
    "fi": "Nyt laskemme molemmat yhtälöt yhteen ja etsimme tuntemattoman. Siksi koko pituus on kaksikymmentä metriä.",
    "ro": "Acum adunăm cele două ecuații și găsim necunoscuta. De aceea lungimea totală este de douăzeci de metri.",
    "da": "Nu lægger vi begge ligninger sammen og finder den ubekendte. Derfor er den samlede længde fireogtyve meter.",
    "ca": "Ara sumem les dues equacions i trobem la incògnita. Per tant, la longitud total és de vint-i-quatre metres.",
    "hr": "Sada zbrojimo obje jednadžbe i nađemo nepoznanicu. Zato je ukupna duljina dvadeset četiri metra.",
    "lt": "Dabar sudedame abi lygtis ir randame nežinomąjį. Todėl bendras ilgis yra dvidešimt keturi metrai.",
    "el": "Τώρα προσθέτουμε τις δύο εξισώσεις και βρίσκουμε τον άγνωστο. Επομένως το συνολικό μήκος είναι είκοσι μέτρα.",
    "he": "עכשיו נחבר את שתי המשוואות ונמצא את הנעלם. לכן האורך הכולל הוא עשרים וארבעה מטרים.",
    "th": "ตอนนี้เราบวกสมการทั้งสองแล้วหาค่าที่ไม่รู้ ดังนั้นความยาวทั้งหมดคือยี่สิบสี่เมตร",
    "uk": "Тепер додамо обидва рівняння і знайдемо невідоме. Тому загальна довжина дорівнює двадцять чотири метри.",
    "bn": "এখন আমরা দুটি সমীকরণ যোগ করে অজানা মান বের করি। তাই মোট দৈর্ঘ্য চব্বিশ মিটার।",
}


@pytest.mark.parametrize("code", OTHERS)
def test_languages_without_a_word_list_are_known_by_sentence(code):
    text, english = OTHERS[code], "First we read the problem again and write down what is given."
    assert verdict(f"{english}\n{text}\nThen we check it.").ok is False
    assert verdict(f"{text}\n{english}\n{text}", "12 + 7 = ?", code).ok is False
    assert verdict(f"{text}\n{text}", "12 + 7 = ?", code).ok is True


def test_sentences_of_languages_without_a_word_list_in_plain_letters_are_found():
    lines = (Path(__file__).parents[1] / "data/other_languages.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    around = {
        "en": ("First we read the problem again.", "Then we check whether the sum is right, and it is."),
        "zh": ("首先我们再读一遍题目。", "然后检查这个和是否正确。"),
    }
    for language, (before, after) in around.items():
        found = [verdict(f"{before} {text} {after}", language=language).ok is False for _, text in rows]
        assert len(found) >= 85
        assert sum(found) >= 0.95 * len(found), language
    alone = {code: " ".join(text for other, text in rows if other == code) for code, _ in rows}
    flagged = [code for code, text in alone.items() if verdict(text, "12 + 7 = ?", code).ok is not True]
    assert flagged == []
    mixed = {code: f"{text} {around['en'][1]}" for code, text in alone.items()}
    assert [code for code, text in mixed.items() if verdict(text, "12 + 7 = ?", code).ok is True] == []


def test_hints_need_the_identifier_and_a_task_may_name_the_language():
    swahili = "Kwa hivyo jibu letu ni kumi na mbili, lakini hebu tuangalie tena."
    chain = f"We read it again. {swahili} Then we check the result."
    assert verdict(chain).reason == "mixed: sw in en"
    assert verdict(chain, "Translate the answer into Swahili: it is twelve.").ok is True
    assert verdict("The kung fu teacher says ang is short for angle here.").ok is True
