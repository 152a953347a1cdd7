"""How much memory models need against what there is: shapes of models, machines, engines."""
