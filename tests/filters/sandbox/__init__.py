"""The sandbox of filters."""
