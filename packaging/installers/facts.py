"""Names, folders and the version that all parts of a build share."""

from __future__ import annotations

import re
from pathlib import Path

NAME = "feature-map-explorer"
TITLE = "Feature Map Explorer"
SUMMARY = "Look inside neural networks while they run"

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
BUILD = ROOT / "build"
DIST = BUILD / "dist"  # what PyInstaller makes
OUT = BUILD / "out"  # what is handed to people
ICONS = BUILD / "icons"
DOCS = BUILD / "docs"  # the site that packaging/docs.py builds
NOTICES = BUILD / "NOTICES.txt"


def version(root: Path = ROOT) -> str:
    """The version of pyproject.toml. Raises ValueError when there is none."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(r'^version = "([^"]+)"$', text, re.MULTILINE)
    if found is None:
        raise ValueError("pyproject.toml names no version")
    return found[1]
