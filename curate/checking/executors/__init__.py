"""Where check work is executed: an interface, and the worker processes of this machine."""
