"""Indexes of data sets in the window: which there are, and their pictures."""
