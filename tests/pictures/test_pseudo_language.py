"""The window in the pseudo-language: every text goes through `tr`, and longer words have room, but for those counted here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATES = ("explore-early", "attribution", "compare-maps", "dialog-settings", "dialog-models")
# What the cards of the demo models and the names of samples say is not translated; what has no room is shortened with a tool tip.
NOT_TRANSLATED, CUT_OFF = 10, 20


@pytest.mark.slow
def test_everything_is_translated_and_little_is_cut_off(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.pictures", "--out", str(tmp_path), "--only", *STATES]
    environment = {**os.environ, "FME_LANGUAGE": "pseudo", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=600)
    assert "findings" in done.stdout, done.stderr[-2000:]
    lines = [line.strip() for line in done.stdout.splitlines()]
    untranslated = sorted({line for line in lines if line.endswith("is not translated")})
    cut = sorted({line for line in lines if " needs " in line or "wide in" in line})
    assert len(untranslated) <= NOT_TRANSLATED, "\n".join(untranslated)
    assert len(cut) <= CUT_OFF, "\n".join(cut)
