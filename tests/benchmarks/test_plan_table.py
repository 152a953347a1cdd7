"""The table of ten million chains is arithmetic on rates, each with its source."""

import json
import sys

import pytest

from tests.benchmarks import plan_table
from tests.benchmarks.plan_table import RATES, Work, find_limits, list_steps, read_rates

EASY = {
    "replica": 1000.0, "generate": 0.5, "sampler": 0.001, "leases": 0.0001, "verify": 100.0, "filter": 1e6,
    "mix_samples": 0.0001, "mix": 1e6, "stored": 0.5, "verdict": 10.0,
}  # fmt: skip
WORK = Work(chains=360_000, tokens=1000, characters=4000, rows=36_000, checks=3, machines=2, gpus=5, cores=10)


def test_the_steps_are_those_of_a_sheet_of_paper():
    steps = {
        step.name.partition(",")[0]: step for step in list_steps(WORK, EASY) if "beside" not in step.name
    }
    assert steps["generate"].hours == 360_000 * 1000 / 500 / 3600 == 200
    assert steps["generate"].wall == 20 and steps["generate"].stored == 360_000 * 4000 / 2
    assert steps["verify"].hours == 1 and steps["verify"].wall == 1 / 20 and steps["verify"].stored == 3.6e6
    assert steps["filter"].hours == 0.4 and steps["filter"].stored == 7.2e6
    assert steps["mix"].wall == steps["mix"].hours == pytest.approx((36 + 144) / 3600)
    limits = find_limits(WORK, EASY)
    assert "busy 0.1% with 10 replicas, and all of the time with 10,000" in limits[1]
    assert limits[2].startswith("The run folder takes 0.03 MB/s") and "0.015 from each machine" in limits[2]


def test_more_machines_change_the_clock_of_what_grows_with_them_alone():
    few, many = (list_steps(Work(machines=count), EASY) for count in (1, 10))
    for one, other in zip(few, many, strict=True):
        assert (one.hours, one.stored) == (other.hours, other.stored)
        assert one.wall == pytest.approx(other.wall * (1 if "one machine" in one.name else 10))


def test_rates_are_replaced_by_name_and_tell_where_they_are_from(tmp_path, monkeypatch, capsys):
    file = tmp_path / "rates.json"
    file.write_text(json.dumps({"filter": {"value": 3e7, "source": "a million samples on Ray"}}))
    found = read_rates(file, ["verify=5000"])
    assert (found["filter"].value, found["filter"].source) == (3e7, "a million samples on Ray")
    assert (found["verify"].value, found["verify"].source) == (5000, "--rate")
    assert found["mix"] == RATES["mix"]
    with pytest.raises(ValueError, match="there is no rate 'filtr'"):
        read_rates(None, ["filtr=1"])
    monkeypatch.setattr(sys, "argv", ["plan_table", "--machines", "8", "--rates", str(file)])
    plan_table.main()
    told = capsys.readouterr().out
    assert "10,000,000 chains of 5,000 tokens (200 GB) into 800,000 rows, on 8 machines" in told
    assert "| filter | 3e+07 bytes/s of a core | a million samples on Ray |" in told
