"""What all trainings share: options, processes, loading, saving, callbacks."""
