"""The training plane: SFT, evaluation. Imports curate and filters."""
