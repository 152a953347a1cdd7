r"""Short answers in pieces: how they are typed, laid out, and changed into other answers.

An answer is written in pieces with blanks between them: between any two of them a space changes nothing. `␣`
is a space that belongs to it, `@km` is a word or a unit, `#10` a number of which no digit is changed, `·` a
place where a sign might stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hypothesis import strategies as st

Draw = st.DrawFn
Pieces = tuple[str, ...]

RELATIONS = ("<", r"\le", ">", r"\ge", "=", r"\ne")


@dataclass(frozen=True)
class Answer:
    """One answer: its pieces, other ways to write it, and what is proved to be another answer, by what was changed."""

    kind: str
    pieces: Pieces
    spellings: tuple[Pieces, ...]
    changes: tuple[tuple[str, Pieces], ...]

    @property
    def text(self) -> str:
        return write(self.pieces)


def split(text: str) -> Pieces:
    return tuple(text.split())


def write(pieces: Pieces) -> str:
    """The plainest way to type the pieces: no space that is not needed."""
    return join(pieces, [""] * len(pieces))


def join(pieces: Pieces, gaps: list[str]) -> str:
    """The pieces with gaps before them, and a space where a command would run into a letter."""
    text = ""
    for piece, gap in zip(pieces, gaps, strict=True):
        plain = piece if len(piece) == 1 else piece.lstrip("@#")
        plain = plain.replace("␣", " ").replace("·", "")
        needed = re.search(r"\\[A-Za-z]+\Z", text + gap) and plain[:1].isalpha()
        text += (gap if plain else "") + (" " if needed else "") + plain
    return text


def change_signs(pieces: Pieces) -> Iterator[tuple[str, Pieces]]:
    for at, piece in enumerate(pieces):
        if piece in ("·", "+", "-"):
            begins = at == 0 or pieces[at - 1] in (
                "(",
                "[",
                r"\{",
                "{",
                ",",
                "␣",
                "&",
                r"\\",
                "|",
                *RELATIONS,
            )
            other = "-" if piece != "-" else "·" if begins else "+"
            yield "sign", (*pieces[:at], other, *pieces[at + 1 :])


def change_digits(pieces: Pieces, turn: int) -> Iterator[tuple[str, Pieces]]:
    for at, piece in enumerate(pieces):
        if re.fullmatch(r"\d+(?:\.\d+)?", piece):
            places = [place for place, char in enumerate(piece) if char.isdigit()]
            place = places[turn % len(places)]
            digit = str((int(piece[place]) + 1 + turn % 9) % 10)
            yield "digit", (*pieces[:at], piece[:place] + digit + piece[place + 1 :], *pieces[at + 1 :])


def change_relations(pieces: Pieces, turn: int) -> Iterator[tuple[str, Pieces]]:
    for at, piece in enumerate(pieces):
        if piece in RELATIONS:
            others = [relation for relation in RELATIONS if relation != piece]
            yield "relation", (*pieces[:at], others[turn % len(others)], *pieces[at + 1 :])


def make(
    draw: Draw, kind: str, text: str, *spellings: str, changes: dict[str, list[str]] | None = None
) -> Answer:
    """An answer with every sign, number and relation of it changed once, and the changes of its kind."""
    pieces, turn = split(text), draw(st.integers(0, 8_999))
    found = [*change_signs(pieces), *change_digits(pieces, turn), *change_relations(pieces, turn)]
    found += [(name, split(other)) for name, others in (changes or {}).items() for other in others]
    return Answer(kind, pieces, tuple(map(split, spellings)), tuple(found))


GAPS = st.lists(st.sampled_from(["", "", "", " ", "  ", r"\,", r"\;", r"\ "]), min_size=1, max_size=7)
SPACES = st.sampled_from([" ", r"\ ", "  ", r" \, "])
WORDINGS = st.sampled_from(["%s", r"\text{%s}", r"\text{ %s}", r"\mathrm{%s}", r"\textbf{%s}"])
FRAMES = st.sampled_from(
    ["%s", "$%s$", r"\(%s\)", "$$%s$$", r"\boxed{%s}", " %s ", r"\[ %s \]", r"$\boxed{%s}$", r"\boxed{ %s }"]
)
OPENED = {
    "(": r"\left(",
    "[": r"\left[",
    r"\{": r"\left\{",
    ")": r"\right)",
    "]": r"\right]",
    r"\}": r"\right\}",
}


@st.composite
def layouts(draw: Draw, *, framed: bool = True) -> Layout:
    """One way to lay out any answer: spaces, sizes of brackets, text round its words, what stands round it."""
    wording, sized = draw(WORDINGS), draw(st.booleans())
    return Layout(tuple(draw(GAPS)), draw(SPACES), wording, sized, draw(FRAMES) if framed else "%s")


@dataclass(frozen=True)
class Layout:
    gaps: tuple[str, ...]
    space: str
    wording: str
    sized: bool
    frame: str

    def write(self, pieces: Pieces) -> str:
        """The pieces as this layout types them."""
        out = []
        for piece in pieces:
            if piece == "␣":
                out.append(self.space)
            elif piece[0] == "@" and len(piece) > 1:
                wording = self.wording if "␣" not in piece else self.wording.replace("mathrm", "text")
                out.append("@" + wording % piece[1:])
            else:
                out.append(OPENED.get(piece, piece) if self.sized else piece)
        gaps = [self.gaps[at % len(self.gaps)] if at else "" for at in range(len(out))]
        return self.frame % join(tuple(out), gaps)
