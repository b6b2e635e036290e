"""The demo models: a drawn picture world with known answers, and the recipes that train the application's small networks."""

from __future__ import annotations

import sys
from pathlib import Path

# The networks are the application's (explorer/engine/models/demo): of this very checkout, whatever is installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
