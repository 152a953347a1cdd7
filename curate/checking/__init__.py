"""Running checks over samples: batches, worker processes with deadlines, and where the work is executed."""
