"""The demo models that come with the application: their networks, and how they are found and opened. Imports no torch.

The networks are plain modules, one operation a line, so that every map has a name. What they are trained on, and how,
is in packaging/demo_models, which builds them from here.
"""
