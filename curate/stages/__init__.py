"""The commands as functions: one thin module a command."""
