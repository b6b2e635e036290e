"""A package that adds methods, a kind of input, a layer view and a workspace, and some that do not work."""
