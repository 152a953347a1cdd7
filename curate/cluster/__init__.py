"""Where work runs beyond this machine: on a Ray cluster. Nothing else knows of it."""
