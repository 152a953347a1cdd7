"""How much memory a training needs, and the settings that follow from the memory there is."""
