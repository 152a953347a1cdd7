"""Commands on one run in any order, killed anywhere and two at once: what must hold after each of them."""
