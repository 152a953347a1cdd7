"""The vocabulary (prompt, sample, verdict, engine) and every check. Imports nothing else of ours."""
