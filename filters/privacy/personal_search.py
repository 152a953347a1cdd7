"""Personal data that has a shape and, where there is one, a check digit: addresses of mail, telephones, cards, accounts, ids.

Names, street addresses and dates of birth have no shape: they are not looked for. What stands in explanations
(example.com, 555 numbers, cards of test suites) is nobody's, and allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from ipaddress import ip_address
from typing import Any, Final, Literal, NamedTuple, get_args

from filters.privacy.candidates import TextPattern, find_candidates
from filters.privacy.findings import Hit
from filters.privacy.known_examples import is_example_card, is_example_iban, is_example_mail, is_example_phone

PersonalKind = Literal["email", "phone", "card", "iban", "national_id", "ip"]
"""What can be looked for."""
KINDS: Final[tuple[PersonalKind, ...]] = get_args(PersonalKind)
_BEFORE: Final = 80
"""Characters before a number in which a word says what it is."""
_WORD: Final = r"A-Za-z0-9_\u00aa\u00b2\u00b3\u00b5\u00b9\u00ba\u00c0-\u024f\u0370-\u0dff\u2070-\u209f"
"""What goes on with a number or is part of it. Scripts that write no spaces, as Chinese does, are left out: there words stand right beside one."""
_EMAIL: Final = re.compile(
    r"(?<![A-Za-z0-9_.+-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,12}(?![A-Za-z0-9_-])"
)
_PHONE: Final = re.compile(rf"(?<![{_WORD}+])\+[ (]?[1-9][\d\u00a0\u202f ().\-/]{{6,22}}\d(?![{_WORD}])")
_PHONE_WORD: Final = re.compile(
    r"(?i)\b(?:tele)?phone|\btel\b|\bcall|\bmobile|\bcell|\bfax|whatsapp|\bsms\b|\bdial|\bhandy|\btelefon|\bt[eé]l[eé]|\bm[oó]vil|\bcelular|电话|手机|電話|携帯|전화"
)
_CARD: Final = re.compile(
    rf"(?<![{_WORD}.,-])(?:\d{{4}}([ -])\d{{4}}[ -]\d{{4}}[ -]\d{{4}}|3[47]\d{{2}}([ -])\d{{6}}[ -]\d{{5}}|\d{{13,19}})(?![{_WORD}-])"
)
_CARD_WORD: Final = re.compile(
    r"(?i)\b(?:card|visa|master ?card|amex|american express|credit|debit|karte|carte|tarjeta|cartão)|卡号|信用卡|银行卡|カード"
)
_ISSUER: Final = re.compile(
    r"4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[47]|6(?:011|4[4-9]|5|2)|35(?:2[89]|[3-8])"
)
"""How the numbers of payment cards begin: Visa, Mastercard, American Express, Discover, UnionPay, JCB."""
_IBAN: Final = re.compile(
    rf"(?<![{_WORD}])[A-Z]{{2}}\d{{2}}(?: ?[A-Z0-9]{{4}}){{2,7}}(?: ?[A-Z0-9]{{1,3}})?(?![{_WORD}])"
)
_IP: Final = re.compile(rf"(?<![{_WORD}.])(?:\d{{1,3}}\.){{3}}\d{{1,3}}(?![{_WORD}.])")
_PUBLIC_SERVERS: Final = frozenset(
    ["8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "208.67.222.222", "1.2.3.4"]
)


class NationalId(NamedTuple):
    """A national number: its name, its shape, the module of python-stdnum that checks it, and the words one of which must stand before it."""

    kind: str
    shape: str
    module: str
    word: str = ""


NATIONAL_IDS: Final = (
    NationalId("social security number (US)", r"\d{3}-\d{2}-\d{4}", "us.ssn", r"\bssn\b|social security"),
    NationalId("identity number (China)", r"[1-9]\d{5}(?:19|20)\d{9}[\dXx]", "cn.ric"),
    NationalId("tax number (Brazil)", r"\d{3}\.\d{3}\.\d{3}-\d{2}", "br.cpf"),
    NationalId("tax code (Italy)", r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]", "it.codicefiscale"),
    NationalId("population code (Mexico)", r"[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d", "mx.curp"),
    NationalId("resident number (Korea)", r"\d{6}-[1-4]\d{6}", "kr.rrn"),
    NationalId("identity code (Finland)", r"\d{6}[+A-][0-9]{3}[0-9A-Y]", "fi.hetu", r"hetu|henkilötunnus|identity code"),
    NationalId("social security number (France)", r"[12] ?\d{2} ?\d{2} ?\d{2} ?\d{3} ?\d{3} ?\d{2}", "fr.nir", r"sécurité sociale|\bnir\b|\binsee\b"),
    NationalId("identity number (Spain)", r"\d{8}-?[A-Z]", "es.dni", r"\bdni\b|\bnif\b|identidad"),
    NationalId("identity number of foreigners (Spain)", r"[XYZ]-?\d{7}-?[A-Z]", "es.nie", r"\bnie\b|\bnif\b|identidad"),
    NationalId("identity number (India)", r"[2-9]\d{3} \d{4} \d{4}", "in_.aadhaar", r"aadhaar|आधार|\buid"),
    NationalId("tax number (Germany)", r"\d{2} ?\d{3} ?\d{3} ?\d{3}", "de.idnr", r"steuer-?id|identifikationsnummer|\bidnr"),
    NationalId("identity number (Poland)", r"\d{11}", "pl.pesel", r"\bpesel\b"),
    NationalId("service number (Netherlands)", r"\d{9}", "nl.bsn", r"\bbsn\b|burgerservicenummer"),
    NationalId("social insurance number (Canada)", r"\d{3}[ -]\d{3}[ -]\d{3}", "ca.sin", r"\bsin\b(?! ?\()|social insurance"),
    NationalId("health service number (UK)", r"\d{3} ?\d{3} ?\d{4}", "gb.nhs", r"\bnhs\b"),
)  # fmt: skip
"""Those with a check digit, or with a form that nothing else has; a shape that other numbers have needs its word."""


@cache
def make_patterns(kinds: tuple[PersonalKind, ...], regions: tuple[str, ...]) -> tuple[TextPattern, ...]:
    """All that is searched for, by kind. regions: countries whose telephone numbers count also without +."""
    found = {"email": [_EMAIL], "phone": [_PHONE], "card": [_CARD], "iban": [_IBAN], "ip": [_IP]}
    if regions:
        found["phone"].append(
            re.compile(rf"(?<![{_WORD}.,+])\(?\d[\d\u00a0\u202f ().\-/]{{5,18}}\d(?![{_WORD}])")
        )
    ids = [re.compile(rf"(?<![{_WORD}.-])(?:{one.shape})(?![{_WORD}-])") for one in NATIONAL_IDS]
    return tuple(
        TextPattern(kind, pattern)
        for kind in kinds
        for pattern in (ids if kind == "national_id" else found[kind])
    )


def find_personal_data(text: str, likely: Sequence[TextPattern], regions: tuple[str, ...]) -> Iterator[Hit]:
    """What a text holds by some of the patterns. Raises TooManyError where it has too many candidates."""
    for searched in likely:
        for match in find_candidates(text, searched):
            said = _READERS[searched.kind](match, regions)
            if said:
                yield Hit(said, *match.span())


def _read_email(match: re.Match[str], regions: tuple[str, ...]) -> str:
    return "" if is_example_mail(match[0]) else "e-mail address"


def _read_phone(match: re.Match[str], regions: tuple[str, ...]) -> str:
    phonenumbers = import_module("phonenumbers")
    abroad = match[0].startswith("+")
    if not (abroad or _PHONE_WORD.search(_before(match))):
        return ""
    for region in (None,) if abroad else regions:
        found = list(phonenumbers.PhoneNumberMatcher(match[0], region, max_tries=5))
        if any(
            not is_example_phone(one.number.country_code, str(one.number.national_number)) for one in found
        ):
            return "telephone number"
    return ""


def _read_card(match: re.Match[str], regions: tuple[str, ...]) -> str:
    digits = re.sub(r"\D", "", match[0])
    grouped = not match[0].isdigit()
    known = _ISSUER.match(digits) and _load("luhn").is_valid(digits) and not is_example_card(digits)
    return "card number" if known and (grouped or _CARD_WORD.search(_before(match))) else ""


def _read_iban(match: re.Match[str], regions: tuple[str, ...]) -> str:
    """Words in capitals after a number look as if they went on with it."""
    groups = match[0].split(" ")
    values = ["".join(groups[:number]) for number in range(len(groups), 0, -1)]
    known = any(_load("iban").is_valid(value) and not is_example_iban(value) for value in values)
    return "IBAN" if known else ""


def _read_ip(match: re.Match[str], regions: tuple[str, ...]) -> str:
    try:
        address = ip_address(match[0])
    except ValueError:  # a number over 255, or with a leading zero
        return ""
    return "IP address" if address.is_global and match[0] not in _PUBLIC_SERVERS else ""


def _read_national_id(match: re.Match[str], regions: tuple[str, ...]) -> str:
    for one in NATIONAL_IDS:
        spoken = not one.word or re.search(one.word, _before(match), re.IGNORECASE)
        if spoken and re.fullmatch(one.shape, match[0]) and _load(one.module).is_valid(match[0]):
            return one.kind
    return ""


def _before(match: re.Match[str]) -> str:
    return match.string[max(0, match.start() - _BEFORE) : match.start()]


@cache
def _load(module: str) -> Any:
    return import_module(f"stdnum.{module}")


_READERS: Final[Mapping[str, Any]] = {
    "email": _read_email, "phone": _read_phone, "card": _read_card, "iban": _read_iban,
    "national_id": _read_national_id, "ip": _read_ip,
}  # fmt: skip
