"""What is installed on this machine, what is missing, and what breaks what."""
