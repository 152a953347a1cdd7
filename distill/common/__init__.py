"""What all trainings share: options, the plan, processes, loading, saving, callbacks."""
