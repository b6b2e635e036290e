"""Which words a filter of a text network waits for."""
