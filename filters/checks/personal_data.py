"""Whether a row holds personal data: addresses of mail, telephone, card and account numbers, national ids.

They come in with prompts that people wrote and with texts that a teacher learnt by heart. Only what can be told by
its shape and check digit is looked for, so that sums and codes of exercises stay what they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from pydantic import field_validator

from filters.check import Role
from filters.privacy.candidates import TextPattern
from filters.privacy.findings import Hit
from filters.privacy.personal_search import KINDS, PersonalKind, find_personal_data, make_patterns
from filters.privacy.text_search import TextSearchCheck
from filters.types import Verdict


class PersonalData(TextSearchCheck):
    """Prompt and response hold no e-mail addresses, telephone numbers, cards, accounts or national ids.

    The reason says what and where, never the value; the score is how many there are. Examples of documentation (example.com, 555
    numbers, test cards) are allowed. Names and postal addresses are not looked for. Needs r1curate[privacy].
    """

    name: ClassVar[str] = "personal_data"
    role: ClassVar[Role] = "data"
    version: ClassVar[int] = 2
    rules: ClassVar[Mapping[str, str]] = {
        "personal": "an e-mail address, a telephone, card or account number, or a national id stands in the row",
        "too_many": "undecided: a text has more places that look alike than are read",
    }
    packages: ClassVar[Mapping[str, str]] = {"phonenumbers": "phonenumbers", "stdnum": "python-stdnum"}

    kinds: tuple[PersonalKind, ...] = tuple(kind for kind in KINDS if kind != "ip")
    """What is looked for. `ip`, public addresses of the internet, is left out: exercises on networks and numbers of versions look alike."""
    regions: tuple[str, ...] = ()
    """Countries (US, DE, CN) whose telephone numbers count also without + and their code, as they are written at home."""

    @field_validator("kinds")
    @classmethod
    def _require_kinds(cls, value: tuple[PersonalKind, ...]) -> tuple[PersonalKind, ...]:
        if not value:
            raise ValueError("name at least one kind")
        return value

    @field_validator("regions")
    @classmethod
    def _require_codes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for code in value:
            if not (len(code) == 2 and code.isascii() and code.isupper()):
                raise ValueError(f"'{code}' is not the code of a country, as US")
        return value

    @property
    def patterns(self) -> Sequence[TextPattern]:
        """The shapes of these kinds."""
        return make_patterns(self.kinds, self.regions)

    def find(self, text: str, likely: Sequence[TextPattern]) -> Iterator[Hit]:
        """The personal data in a text."""
        return find_personal_data(text, likely, self.regions)

    def reject(self, what: str, number: int, span: tuple[int, int] | None) -> Verdict:
        """The verdict where something was found."""
        return Verdict(False, f"personal: {what}", number, span)
