"""What a board tells is what was put on it, as text that parses whatever the labels are."""

from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.registry import CollectorRegistry

from curate.monitoring.board import REST, Board, Family

REASONS = Family("r1curate_reasons", "counter", "Samples\nby \"reason\" \\ rule.", ("name", "reason"), most=5)  # fmt: skip
GAUGE = Family("r1curate_things", "gauge", "Things.", ())


def read_board(board: Board) -> dict[tuple[str, ...], float]:
    registry = CollectorRegistry()
    registry.register(board)
    families = text_string_to_metric_families(generate_latest(registry).decode())
    return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


def test_numbers_are_put_and_added():
    board = Board()
    board.put({(REASONS, ("t", "different")): 3, (GAUGE, ()): 2.5})
    board.add(REASONS, 4, "t", "different")
    assert read_board(board) == {
        ("r1curate_reasons_total", "t", "different"): 7,
        ("r1curate_things",): 2.5,
    }


@settings(max_examples=40)
@given(st.lists(st.tuples(st.text() | st.text("\x00\n\r\\\"{}=,#\ud800\u202e"), st.integers(0, 9)), max_size=12))  # fmt: skip
def test_any_text_makes_lines_that_parse_and_no_more_series_than_may_be(given):
    board = Board()
    for reason, number in given:
        board.add(REASONS, number, "t", reason)
    found = read_board(board)
    assert sum(found.values()) == sum(number for _, number in given)
    assert len(found) <= REASONS.most + 1


@settings(max_examples=40)
@given(st.lists(st.sampled_from("abcdefgh"), max_size=30))
def test_counters_never_fall_though_more_reasons_come_than_may_be_told(said):
    board, counts, before = Board(), {}, {}
    for reason in said:
        counts = {reason: counts.get(reason, 0) + 1, **{k: v for k, v in counts.items() if k != reason}}
        board.put({(REASONS, ("t", key)): value for key, value in counts.items()})
        now = read_board(board)
        assert all(now[key] >= value for key, value in before.items())
        assert sum(now.values()) == sum(counts.values())
        before = now
    assert len(counts) <= REASONS.most or before["r1curate_reasons_total", "t", REST]
