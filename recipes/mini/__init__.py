"""The mini world: a whole distillation, from base models to students, that fits two CPU cores."""
