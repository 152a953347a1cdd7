"""References that samples and a judge speak against: found, asked about, replaced beside the prompts, and judged by anew."""
