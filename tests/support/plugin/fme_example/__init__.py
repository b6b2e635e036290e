"""A package that adds a method, a kind of input and a workspace, and some that do not work."""
