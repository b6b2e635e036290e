"""Changed examples: which of a channel's best pictures are others in another model, by indexes of the same data."""
