"""What all tests share: messages are shown as the command line shows them."""

from curate.console import show_logs

show_logs()
