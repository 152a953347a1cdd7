"""Whether a row holds a key, a token or a password that should not be published.

Teachers learn keys by heart from public code, and prompts are pasted from terminals. What has a shape of its own is
searched for; random strings and words such as `password` are not, since reasoning is full of both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from filters.check import Role
from filters.privacy.candidates import TextPattern
from filters.privacy.findings import Hit
from filters.privacy.secret_search import find_secrets, load_patterns
from filters.privacy.text_search import TextSearchCheck
from filters.types import Verdict


class Secrets(TextSearchCheck):
    """Prompt and response hold no keys, tokens or passwords in addresses. The score is how many they hold.

    The reason says what and where, never the value. Placeholders and examples of documentation are allowed. Needs
    r1curate[privacy].
    """

    name: ClassVar[str] = "secrets"
    role: ClassVar[Role] = "data"
    version: ClassVar[int] = 2
    rules: ClassVar[Mapping[str, str]] = {
        "secret": "a key, a token, a private key or a password stands in the row",
        "too_many": "undecided: a text has more places that look alike than are read",
    }
    packages: ClassVar[Mapping[str, str]] = {"detect_secrets": "detect-secrets"}

    @property
    def patterns(self) -> Sequence[TextPattern]:
        """The patterns of detect-secrets and of our own."""
        return load_patterns()

    def find(self, text: str, likely: Sequence[TextPattern]) -> Iterator[Hit]:
        """The secrets in a text."""
        return find_secrets(text, likely)

    def reject(self, what: str, number: int, span: tuple[int, int] | None) -> Verdict:
        """The verdict where something was found."""
        return Verdict(False, f"secret: {what}", number, span)
