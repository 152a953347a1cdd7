"""Where check work runs: an interface, and the worker processes of this machine."""
