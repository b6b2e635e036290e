"""Explanations of one number of a forward: what it is made of, what it depends on, what it looks for."""
