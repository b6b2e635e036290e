"""Measurements, run on request: `python -m tests.benchmarks`. Times are recorded here and never asserted in the tests."""
