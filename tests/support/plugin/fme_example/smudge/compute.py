"""As Peak."""

from fme_example.peak.compute import run

__all__ = ["run"]
