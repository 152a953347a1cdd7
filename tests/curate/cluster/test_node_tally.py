"""What machines are said to have done adds up, whatever becomes of their replicas."""

from hypothesis import given
from hypothesis import strategies as st

from curate.cluster.node_tally import NodeTally
from curate.sampling.budget import Counts

ENDS = st.sampled_from(["lost", "failed", "done", "lives", "starts"])


@given(st.lists(st.tuples(st.sampled_from("ab"), ENDS, st.integers(0, 9)), max_size=8))
def test_counts_and_replicas_add_up(replicas):
    tally = NodeTally(lambda: 0.0)
    for number, (node, _, _) in enumerate(replicas):
        tally.begin(f"s{number}", node)
    # What a lost one told is what it left at most.
    tally.tell({f"s{n}": Counts(whole=made // 2) for n, (_, end, made) in enumerate(replicas) if end != "starts"})  # fmt: skip
    for number, (node, end, made) in enumerate(replicas):
        if end not in ("lives", "starts"):
            tally.end(f"s{number}", node, Counts(whole=made), end)
    nodes = {one.node: one for one in tally.list_nodes()}
    assert nodes.keys() == {node for node, _, _ in replicas}
    for name, one in nodes.items():
        mine = [(end, made) for node, end, made in replicas if node == name]
        whole = {"lives": lambda made: made // 2, "starts": lambda made: 0}
        assert one.counts.whole == sum(whole.get(end, int)(made) for end, made in mine)
        assert sum(one.replicas.values()) == len(mine)
        assert one.up == sum(end in ("lives", "starts") for end, _ in mine)
        assert one.lost == sum(end in ("lost", "failed") for end, _ in mine)


def test_a_machine_has_the_state_of_what_is_best_on_it_and_time_until_its_last_replica_ended():
    now = 10.0
    tally = NodeTally(lambda: now)
    tally.begin("s1", "a")
    assert [one.state for one in tally.list_nodes()] == ["starting"]
    now = 12.0
    tally.tell({"s1": Counts(tokens=10)})
    assert [(one.state, one.describe()["tokens_per_second"]) for one in tally.list_nodes()] == [
        ("working", 5)
    ]
    tally.end("s1", "a", Counts(tokens=30), "lost")
    now = 20.0
    (one,) = tally.list_nodes()
    assert (one.state, one.seconds, one.describe()["tokens_per_second"]) == ("lost", 2.0, 15)
    tally.begin("s2", "a")
    assert tally.list_nodes()[0].state == "starting"
