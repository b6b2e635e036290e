"""Which words have a similar row in the table of an embedding."""
