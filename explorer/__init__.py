"""Feature Map Explorer: look inside neural networks while they run."""

__version__ = "0.1.0"
