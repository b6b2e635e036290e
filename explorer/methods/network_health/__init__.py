"""Which channels of every layer are silent, always on or not finite, over one input or many."""
