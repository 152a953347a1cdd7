"""Addresses and numbers that are nobody's: those of explanations, standards and test suites."""

from __future__ import annotations

import re
from typing import Final

_ENDINGS: Final = frozenset(
    word
    for line in (
        "com org net edu gov mil int info biz name pro app dev xyz online site tech store cloud email mobi jobs asia cat coop aero",
        "museum travel club shop blog live life world agency digital health",
    )
    for word in line.split()
)
"""Ends of domains with more than two letters that stand for one: `x@self.weights` in a program is none."""
_EXAMPLE_DOMAIN: Final = re.compile(
    r"(?i)(?:.*\.)?(?:(?:example|sample)[\w-]*(?:\.[a-z.]+)?|(?:my|your|some|our)?-?(?:domain|company|website|site|email|mail|host|server|school|university|business|store|org|organization)"
    r"|test|foo|bar|baz|foobar|abc|xyz|xxx+|acme)\.[a-z.]+"
)
_EXAMPLE_NAME: Final = re.compile(
    r"(?i)(?:your|my|some|user|username|name|first|last|firstname|email|someone|somebody|foo|bar|test|example|x+|abc)"
    r"(?:[._-]?(?:name|user|email|address|id|lastname|last))*\d{0,3}"
)
_CARDS: Final = frozenset(
    word
    for line in (
        "4111111111111111 4242424242424242 4000056655665556 4012888888881881 4222222222222 5555555555554444 5105105105105100",
        "5200828282828210 2223003122003222 378282246310005 371449635398431 378734493671000 6011111111111117 6011000990139424",
        "3530111333300000 3566002020360505 4000000000000002 4539578763621486 4532015112830366 5425233430109903",
        "4917610000000000 4716461583322103",
    )
    for word in line.split()
)
"""Numbers that payment services publish for tests, and the common ones of lessons on the check digit."""
_IBANS: Final = frozenset(
    word
    for line in (
        "DE89370400440532013000 GB82WEST12345698765432 GB29NWBK60161331926819 FR1420041010050500013M02606 NL91ABNA0417164300",
        "ES9121000418450200051332 CH9300762011623852957 BE68539007547034 AT611904300234573201 IT60X0542811101000000123456",
        "SE4550000000058398257466 NO9386011117947 DK5000400440116243 FI2112345600000785 PL61109010140000071219812874",
        "PT50000201231234567890154 IE29AIBK93115212345678 LU280019400644750000 GR1601101250000000012300695 DE91100000000123456789",
    )
    for word in line.split()
)
"""The examples of the registry of IBANs, which every explanation uses."""


def is_example_mail(address: str) -> bool:
    """Whether an address is nobody's, or no address at all."""
    name, _, domain = address.rpartition("@")
    ending = domain.rpartition(".")[2].lower()
    if len(ending) > 2 and ending not in _ENDINGS:
        return True
    return _EXAMPLE_DOMAIN.fullmatch(domain) is not None or _EXAMPLE_NAME.fullmatch(name) is not None


def is_example_phone(country: int, number: str) -> bool:
    """Whether a telephone number, without its country, is kept free for films and examples, or counts up."""
    if country == 1 and number[3:6] == "555":
        return True
    if country == 44 and re.match(r"7700900|20794\d?60|1632960|8081570|9098790|3069990", number):
        return True
    return len(set(number)) < 4 or number[-9:] in "01234567890123456789" or "1234567" in number


def is_example_card(digits: str) -> bool:
    """Whether the number of a card is one for tests."""
    return digits in _CARDS or len(set(digits)) < 5


def is_example_iban(value: str) -> bool:
    """Whether the number of an account is one of the registry's examples."""
    return value in _IBANS
