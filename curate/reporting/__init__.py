"""What a run tells about itself, for the terminal, the HTML page and the cards of what is published."""
