"""Recipes, and the small worlds they need, shipped in the wheel."""
