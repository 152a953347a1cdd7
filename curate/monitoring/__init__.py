"""What a command has done so far, as numbers that monitoring systems read while it runs."""
