"""The first thing that torch.compile asks for."""

from __future__ import annotations

_NONE = "The packaged application compiles no models: leave torch.compile out, or install the application from source."


def get_default_backend() -> str:
    """There is none. Raises RuntimeError."""
    raise RuntimeError(_NONE)


def lookup_backend(name: object) -> object:
    """There is none. Raises RuntimeError."""
    raise RuntimeError(_NONE)
