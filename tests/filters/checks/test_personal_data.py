"""E-mail addresses, telephone, card and account numbers and national ids, and what is nobody's."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from filters.checks.personal_data import PersonalData
from filters.types import Prompt, Sample, Verdict


def judge(response: str = "", prompt: str = "What is 2 + 3?", **options) -> Verdict:
    (verdict,) = PersonalData(**options).check([Sample("1", Prompt.make(prompt), response)])
    return verdict


PERSONAL = {
    "anna.meier@gmx.de": "e-mail address",
    "+49 30 22334455": "telephone number",
    "+1 (650) 253-0000": "telephone number",
    "4539 1488 0343 6467": "card number",
    "DE44 5001 0517 5407 3249 31": "IBAN",
    "DE44500105175407324931": "IBAN",
    "11010519491231002X": "identity number (China)",
    "529.982.247-25": "tax number (Brazil)",
    "RSSMRA85T10A562S": "tax code (Italy)",
}
SPOKEN = {
    "visa 4539148803436467": "card number",
    "SSN 536-90-4399": "social security number (US)",
    "PESEL 44051401359": "identity number (Poland)",
}


@pytest.mark.parametrize("value", PERSONAL)
def test_each_kind_is_found_with_its_place_and_never_quoted(value: str):
    text = f"<think>\nEs ist 是 {value} CODE.\n</think>\n5"
    found = judge(text)
    assert (found.ok, found.reason, found.score) == (False, f"personal: {PERSONAL[value]}", 1)
    assert found.span is not None
    assert value in text[slice(*found.span)]


@pytest.mark.parametrize("text", SPOKEN)
def test_numbers_that_others_look_like_need_their_word(text: str):
    assert judge(text).reason == f"personal: {SPOKEN[text]}"
    assert judge(text.partition(" ")[2]).ok


@pytest.mark.parametrize(
    "text",
    [
        "john@example.com, user@corp.com, foo@bar.com, you@yourdomain.org",
        "y = x@self.weights + A@B.T",
        "+1 212 555 0123 and +44 7700 900123",
        "4111 1111 1111 1111, 4242 4242 4242 4242 are cards for tests",
        "DE89 3704 0044 0532 0130 00 is the example of the registry",
        "4539 1488 0343 6468",
        "DE44 5001 0517 5407 3249 32",
        "11010519491231002Y",
        "529.982.247-26",
        "536-90-4399 = -3958",
        "1234567890123456789012345678901234567890" * 30,
        "130,000-40,000=$<<130000-40000=90000>>90,000, 0.762848570174394",
        "192.168.1.1 and 93.184.216.34",
    ],
)
def test_examples_and_sums_are_allowed(text: str):
    assert judge(text) == Verdict(True, "", 0.0)


def test_numbers_as_written_at_home_count_for_the_regions_named():
    assert judge("phone: 650-253-0000").ok
    assert judge("phone: 650-253-0000", regions=["US"]).reason == "personal: telephone number"
    assert judge("1000-650=350 and 650-253-0000", regions=["US"]).ok


@pytest.mark.parametrize(
    "text",
    [
        "我的邮箱leo.varga@quist.hu，请联系",
        "メールleo.varga@quist.huまで",
        "身份证号11010519491231002X的用户",
        "卡号4539148803436467的",
        "电话+49 30 83726415转接",
        "账户DE44500105175407324931的",
        "appelez le +33\u00a06\u00a083\u00a072\u00a064\u00a015",
    ],
)
def test_words_of_scripts_without_spaces_may_stand_right_beside(text: str):
    assert judge(text).ok is False


@pytest.mark.parametrize("text", ["x²+49301234567", "π+12025550143", "номер4539148803436467 card"])
def test_what_goes_on_with_a_number_still_keeps_it_from_being_one(text: str):
    assert judge(text).ok is True


def test_kinds_are_chosen():
    text = "anna.meier@gmx.de from 93.184.216.34"
    assert judge(text, kinds=["ip"]).reason == "personal: IP address"
    assert judge(text, kinds=["card"]).ok
    assert judge("none", prompt="Mail anna.meier@gmx.de").reason == (
        "personal: e-mail address, in the prompt, characters 5 to 22"
    )
    with pytest.raises(ValidationError, match="at least one kind"):
        PersonalData(kinds=())
    with pytest.raises(ValidationError, match="not the code of a country"):
        PersonalData(regions=("usa",))


def test_a_lone_surrogate_moves_no_place():
    found = judge("\ud800 anna.meier@gmx.de bob.x@gmx.de")
    assert (found.score, found.span) == (2, (2, 19))


@pytest.mark.parametrize(
    "unit", ["1", "a@", "a@b.", "+1 ", "1 2 ", "DE44 5001 ", "4539 1488 0343 6468 ", "+49 30 1234567 "]
)
def test_hostile_texts_end(unit: str):
    assert judge(unit * (300_000 // len(unit)), regions=["US", "DE"]).ok is not False
