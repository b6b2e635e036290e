"""Packages that need not be installed, for tests that are skipped without them."""

from __future__ import annotations

from typing import Any

import pytest

from explorer.engine.models import extras


def package(extra: extras.Extra) -> Any:
    """The package, imported as the application does it."""
    if not extra.installed:
        pytest.skip(f"not installed: {extra.package}")
    return extras.load(extra)
