"""What a text states as its answer, box by box."""

from filters.statements import list_boxes


def test_each_box_that_answers_are_taken_from_is_listed_by_itself():
    text = r"First \boxed{2}, then \framebox{3} and \box{9} or \boxed 5; in \boxed it is \fbox{7}."
    found = list_boxes(text)
    assert [box.text for box in found] == ["2", "3", "5", "7"]
    assert [text[box.start : box.start + box.length] for box in found] == ["2", "3", "5", "7"]
