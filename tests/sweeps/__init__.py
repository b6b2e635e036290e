"""Checks over whole libraries of models, too long for the test suite: `python -m tests.sweeps NAME …`."""
