"""What is known of licences is told, and nothing is guessed of the others."""

import pytest

from curate.selection.licence_terms import find_contradiction, find_terms, list_conflicts


@pytest.mark.parametrize(
    ("licence", "terms"),
    [
        ("Apache-2.0", "free"),
        ("CC BY-SA 4.0".replace(" BY", "-BY"), "share-alike"),
        ("cc-by-nc-4.0", "non-commercial"),
        ("cc-by-nc-sa-4.0", "non-commercial"),
        ("cc-by-nc-nd-4.0", "no-derivatives"),
        ("cc-by-nc", "non-commercial"),
        ("CC-BY-SA-3.0-DE", "share-alike"),
        ("gpl-3.0", "share-alike"),
        ("llama3.1", "unknown"),
        ("other", "unknown"),
        ("mit or so", "unknown"),
        ("x" * 100, "unknown"),
        (None, "unknown"),
    ],
)
def test_terms_follow_from_identifiers_alone(licence: str, terms: str):
    assert find_terms(licence) == terms


@pytest.mark.parametrize(
    ("licences", "said"),
    [
        (["mit", "apache-2.0", "llama3"], []),
        (["mit", "cc-by-nc-4.0"], ["Rows under cc-by-nc-4.0 keep the whole set from commercial use."]),
        (
            ["cc-by-sa-4.0"],
            ["Rows under cc-by-sa-4.0 ask that the whole set is given on under their own terms."],
        ),
    ],
)
def test_what_rows_together_forbid(licences: list[str], said: list[str]):
    assert list_conflicts(licences) == said


def test_share_alike_and_non_commercial_contradict_each_other():
    assert "contradict each other" in list_conflicts(["cc-by-sa-4.0", "cc-by-nc-4.0"])[-1]
    assert "look up whether" in list_conflicts(["cc-by-sa-4.0", "gpl-3.0"])[-1]


@pytest.mark.parametrize(
    ("declared", "licences", "contradicts"),
    [
        ("apache-2.0", ["mit", None, "other"], False),
        ("apache-2.0", ["cc-by-nc-4.0"], True),
        ("cc-by-nc-4.0", ["cc-by-nc-4.0", "mit"], False),
        ("cc-by-nc-4.0", ["cc-by-nc-sa-4.0"], True),
        ("mit", ["cc-by-sa-4.0"], True),
        ("gpl-3.0", ["lgpl-3.0"], False),
        ("cc-by-sa-4.0", ["cc-by-nd-4.0"], True),
        ("other", ["cc-by-nc-4.0"], False),
        ("mit", ["CC BY-NC"], True),
        ("cc-by-nc-4.0", ["cc-by-nc-sa"], True),
        ("mit", ["cc-by", "cc-by-3.0-igo"], False),
    ],
)
def test_a_declared_licence_is_held_against_those_of_the_rows(declared, licences, contradicts):
    assert (find_contradiction(declared, licences) is not None) == contradicts
