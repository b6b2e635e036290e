"""Indexes of the gallery for the demo models into resources/indexes: `python packaging/demo_models/indexes.py [NAME …]`.

Make them again when a model's weights, the gallery or the format of an index changes; tests/demo_models/test_indexes.py says when.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402

from explorer.core.data_index import GALLERY, SUFFIX  # noqa: E402
from explorer.core.index_requests import MakeIndex  # noqa: E402
from explorer.core.models import ModelSpec  # noqa: E402
from explorer.core.requests import Lane  # noqa: E402
from explorer.engine.data_index.index_run import make_steps  # noqa: E402
from explorer.engine.data_index.packed_index import pack_index  # noqa: E402
from explorer.engine.jobs.job import Job  # noqa: E402
from explorer.engine.models import open_model  # noqa: E402

OUT = ROOT / "resources" / "indexes"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="all when none is named")
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    torch.set_num_threads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    names = args.names or sorted(path.stem for path in (ROOT / "resources" / "models").glob("*.json"))
    whole = 0
    for name in names:
        size = made(name, args.out)
        whole += size
        print(f"{name}: {size:,} bytes")
    print(f"{whole:,} bytes in all")


def made(name: str, out: Path) -> int:
    """Makes one; its bytes."""
    loaded = open_model(ModelSpec(f"demo:{name}"))
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / f"{name}{SUFFIX}"
        steps = make_steps(
            loaded,
            "cpu",
            MakeIndex(loaded.card.digest, GALLERY, top=9, store=str(store)),
            Job(0, Lane.METHOD, "", lambda _: None),
        )
        for _ in steps:
            pass
        return pack_index(store, out / store.name)


if __name__ == "__main__":
    main()
