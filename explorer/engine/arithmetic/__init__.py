"""The arithmetic behind one cell: terms, sums, and what follows until its value on the screen."""
