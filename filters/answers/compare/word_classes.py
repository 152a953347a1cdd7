"""Classes of words that exclude each other: an answer that says one of a class does not say another.

Only closed classes are listed, whose words have one meaning each and no two of which can name the same thing.
"""

from __future__ import annotations

_CLASSES = {
    "weekday": "monday tuesday wednesday thursday friday saturday sunday",
    "month": "january february march april may june july august september october november december",
    "season": "spring summer winter",
    "planet": "mercury venus earth mars jupiter saturn uranus neptune",
    "way": "north south east west northeast northwest southeast southwest",
    "side": "left right",
    "height": "up down",
    "rotation": "clockwise counterclockwise",
    "parity": "even odd neither",
    "sign": "positive negative",
    "growth": "increasing decreasing constant",
    "increase": "increases decreases",
    "bend": "convex concave",
    "limit": "convergent divergent",
    "limits": "converges diverges",
    "rational": "rational irrational",
    "field": "real imaginary",
    "prime": "prime composite",
    "extremum": "maximum minimum",
    "truth": "true false",
    "possible": "possible impossible",
    "validity": "valid invalid",
    "size": "larger smaller",
    "amount": "more less",
    "guilt": "guilty innocent",
    "continuity": "continuous discontinuous",
    "coin": "heads tails",
    "triangle": "acute obtuse",
    "conic": "ellipse parabola hyperbola",
    "ordinal": "first second third fourth fifth sixth seventh eighth ninth tenth",
    "element": (
        "hydrogen helium lithium beryllium boron carbon nitrogen oxygen fluorine neon sodium magnesium aluminium "
        "silicon phosphorus sulfur chlorine argon potassium calcium titanium chromium manganese iron cobalt nickel "
        "copper zinc bromine krypton silver tin iodine xenon caesium barium platinum gold lead radon radium "
        "uranium plutonium"
    ),
    "state": "solid liquid gas plasma",
    "acid": "acidic basic neutral",
}
_FOUND = {word: name for name, words in _CLASSES.items() for word in words.split()}


def find_class(word: str) -> str | None:
    """The class of a word in small letters, or None for a word that may mean anything."""
    return _FOUND.get(word)
