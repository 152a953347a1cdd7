"""The table of chains stays short, whatever a data set calls its categories."""

from curate.general.chain_table import MOST_LINES, chain_table, tell_chains


def test_many_categories_are_summed_up():
    decisions = {(f"c{number:02}" * 40, "none: fact"): 30 - number for number in range(MOST_LINES + 5)}
    decisions |= {("c00" * 40, "asked: code"): 7}
    table = chain_table("general", decisions)
    assert table.row_count == MOST_LINES + 2
    said = list(table.columns[0].cells)
    assert said[0] == ("c00" * 40)[:40]
    assert said[-2:] == ["5 others", "all"]
    assert list(table.columns[1].cells)[-2:] == ["40", "457"]
    assert (
        tell_chains(decisions)
        == "7 of 457 prompts are asked for a chain (code 7), the others for none (fact 450)"
    )
