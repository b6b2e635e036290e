"""The parts of packaging/build.py. Standard library only, except where a docstring says otherwise."""
