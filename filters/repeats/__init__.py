"""How a text repeats itself: the search behind the check `repetition`."""
