"""What a recipe will come to on a given cluster, from a pilot of it, and whether it fits itself."""
