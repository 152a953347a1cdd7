"""General prompts, which no rule can verify: which are asked, which of them get a chain, and how none is asked for."""
