"""Publishing: folders that the Hub takes as they are, their cards, and the upload."""
