"""The run folder: every file name, the journal, Parquet parts, and the one frame of samples joined with verdicts."""
