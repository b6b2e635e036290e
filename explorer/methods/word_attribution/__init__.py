"""Which words support a class."""
