"""Amounts are read as they are written, and those that contradict each other are refused in one sentence."""

import pytest

from curate.selection.quotas import Amounts, Quota, choose_amounts, read_quota
from curate.stages.mix import MixOptions
from filters.errors import UserError
from tests.curate.selection.sources_for_tests import make_source

ZH = Quota(column="language", value="zh", share=0.3)


def test_a_quota_is_read_from_its_text():
    assert MixOptions(run="r", quota=["language=zh:0.3", "domain=a:b=c:0.1"]).quota == (
        ZH,
        Quota(column="domain", value="a:b=c", share=0.1),
    )


@pytest.mark.parametrize(
    ("quota", "message"),
    [
        ("zh:0.3", "write a quota as COLUMN=VALUE:SHARE"),
        ("source=a:0.3", "an option of its own"),
        ("level=1:0.3", "'kind', 'domain' or 'language'"),
        ("language=zh:1.5", "less than or equal to 1"),
        ("language=zh:nan", "greater than 0|COLUMN"),
    ],
)
def test_a_quota_that_says_nothing_is_refused(quota: str, message: str):
    with pytest.raises(UserError, match=message):
        MixOptions(run="r", quota=[quota])
    assert read_quota(ZH) is ZH


@pytest.mark.parametrize(
    ("shares", "quotas", "message"),
    [
        ([0.5, 0.6], (), "add up to 1.1, more than the whole"),
        ([0.5, 0.4], (), "add up to 0.9: make them 1, or leave one source"),
        ([1.0, None], (), "leave nothing for 'b'"),
        ([None, None], (ZH, ZH), "names language=zh twice"),
        (
            [None, None],
            (ZH, Quota(column="language", value="en", share=0.8)),
            "--quota language add up to 1.1",
        ),
    ],
)
def test_shares_that_contradict_each_other_are_refused(shares, quotas, message: str):
    sources = [make_source(name, share=share) for name, share in zip("ab", shares, strict=True)]
    with pytest.raises(UserError, match=message):
        Amounts(quotas=quotas).require_sound(sources)


def test_the_preset_is_a_quarter_general_of_800_000_rows():
    assert choose_amounts("rows", None, (), "r1") == Amounts(
        "rows", 800_000, (Quota(column="kind", value="general", share=0.25),)
    )
    assert choose_amounts("rows", 400, (ZH,), "r1").total == 400
    with pytest.raises(UserError, match="counts rows"):
        choose_amounts("tokens", None, (), "r1")
    with pytest.raises(UserError, match="leave out --quota kind"):
        choose_amounts("rows", None, (Quota(column="kind", value="general", share=0.5),), "r1")
