"""Makes resources/architectures.npz: what is known of torchvision's and timm's architectures to match a weight file with them.

    python packaging/architecture_table.py [--out FILE]

To be run again, with both libraries installed, when one of them is raised to a version with other architectures.
"""

from __future__ import annotations

import argparse
from importlib.metadata import version
from pathlib import Path

import numpy as np

from explorer.core.errors import ExplorerError
from explorer.engine.models.matching.architecture_table import FILE, ArchitectureTable, every_id, row


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parents[1] / "resources" / FILE)
    out = parser.parse_args().out
    ids, rows = [], []
    for name in every_id():
        try:
            rows.append(row(name))
        except (ExplorerError, RuntimeError, NotImplementedError, ImportError) as error:
            print(f"{name} is left out: {str(error).splitlines()[0]}")
            continue
        ids.append(name)
    counts, sketches = np.array([count for count, _ in rows]), np.stack([made for _, made in rows])
    versions = {name: version(name).partition("+")[0] for name in ("torchvision", "timm")}
    ArchitectureTable(tuple(ids), counts, sketches, versions).save(out)
    print(f"{len(ids)} architectures in {out} ({out.stat().st_size} bytes)")


if __name__ == "__main__":
    main()
