"""`python -m tests.sweeps NAME [OPTIONS]`: runs one sweep; each module of this package is one and has a `main(arguments)`."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))  # as pytest does


def main(arguments: list[str]) -> int:
    names = sorted(m.name for m in pkgutil.iter_modules([str(HERE)]) if not m.name.startswith("_"))
    if not arguments or arguments[0] not in names:
        print(f"{__doc__}\nSweeps: {', '.join(names)}")
        return 2
    return int(importlib.import_module(f"tests.sweeps.{arguments[0]}").main(arguments[1:]))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
