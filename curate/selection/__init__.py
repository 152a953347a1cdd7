"""Selection: which samples are kept, which of those are taken, and the funnel that adds up."""
