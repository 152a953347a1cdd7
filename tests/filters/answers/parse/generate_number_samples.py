"""Writes number_samples.tsv: numbers in words as the package num2words writes them, to be read back.

Run: pip install num2words==0.5.14 && python tests/filters/answers/parse/generate_number_samples.py
"""

import random
from pathlib import Path

from num2words import num2words

LANGUAGES = ("en", "ja", "ko", "es", "fr", "de", "pt", "pt_BR", "ru")


def list_values() -> list[int]:
    """0 to 120, a spread up to 10,000, powers of ten, and larger ones drawn with a fixed seed."""
    rng = random.Random(15)
    values = [*range(121), *range(121, 10_001, 53), *(10**power for power in range(3, 12))]
    return (
        values
        + [rng.randrange(10**4, 10**7) for _ in range(40)]
        + [rng.randrange(10**7, 10**12) for _ in range(40)]
    )


def main() -> None:
    """Write the file."""
    lines = [
        f"{language}\t{value}\t{num2words(value, lang=language)}"
        for language in LANGUAGES
        for value in list_values()
    ]
    Path(__file__).with_name("number_samples.tsv").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
