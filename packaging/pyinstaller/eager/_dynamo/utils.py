"""What torchvision asks before it compiles a fallback."""

from __future__ import annotations


def is_compile_supported(device_type: str) -> bool:
    """It is not."""
    return False
