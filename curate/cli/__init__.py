"""The command line: the table of commands, flags, recipes, and what an error looks like."""
