"""How often a check that asks a model errs, measured on labelled cases before it decides anything."""
