"""The data plane: engines, sampler, store, stages, mix, publish, report. Imports filters only."""
