"""Runs one fuzzer of this folder; ends with 1 where it found something."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
import tempfile
from pathlib import Path

_HERE = Path(__file__).parent
_ROOT = _HERE.parent.parent


def main(argv: list[str]) -> int:
    """`argv`: the name of a fuzzer and its own arguments; its module has `main(argv) -> int`."""
    names = sorted(
        each.name for each in pkgutil.iter_modules([str(_HERE)]) if not each.name.startswith(("_", "test_", "in_"))
    )
    if not argv or argv[0] not in names:
        print(f"Name one of: {', '.join(names)}")
        return 2
    sys.path[:0] = [str(_ROOT), str(_ROOT / "tests" / "support")]
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory(prefix="fme-fuzz-", ignore_cleanup_errors=True) as home:
        os.environ.update(FME_HOME=home, TORCH_HOME=f"{home}/torch", HF_HUB_OFFLINE="1")
        return int(importlib.import_module(f"tests.fuzz.{argv[0]}").main(argv[1:]))


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)  # in which order Qt and Python take themselves apart is not what is looked for
