"""How quick an index answers: `python -m tests.benchmarks.index_queries STORE [--pictures 50000] [--features FILE --width 1280]`.

Cold: the files are taken out of the page cache, the store is opened and asked for the best of one channel. Warm: channels by chance.
Neighbours: exact, among made features of a number of pictures, without and with one byte a component beside them; with --features among
those of a file of an index (…features-N.f32), repeated with a small change until there are so many. On the clock,
and in CPU milliseconds beside it, which other work on the machine does not lengthen.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from explorer.engine.data_index.index_file import files_of
from explorer.engine.data_index.index_neighbours import nearest
from explorer.engine.data_index.index_reader import IndexReader
from explorer.engine.data_index.short_vectors import row_bytes, shortened


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("--pictures", type=int, default=50_000)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--features", type=Path, help="rows of float32: features and their length")
    args = parser.parse_args()
    torch.set_num_threads(1)
    chance = np.random.default_rng(0)
    with IndexReader(args.store) as reader:
        taps = [(tap.name, int(c)) for tap in reader.taps for c in chance.integers(0, tap.channels, 200)]
        places = [taps[n] for n in chance.permutation(len(taps))[:500]]
        warm = [_timed(lambda at=at: reader.top(*at)) for at in places]  # type: ignore[misc]
    cold = []
    for at in places[:12]:
        _evict(args.store)
        cold.append(_timed(lambda at=at: _asked(args.store, *at)))  # type: ignore[misc]
    found = {"warm": _figures(warm), "cold": _figures(cold), "nearest": _neighbours(args, chance)}
    print(json.dumps(found, indent=1))


def _timed(done: Callable[[], object]) -> tuple[float, float]:
    clock, cpu = time.perf_counter(), time.thread_time()
    done()
    return 1000 * (time.perf_counter() - clock), 1000 * (time.thread_time() - cpu)


def _figures(times: list[tuple[float, float]]) -> dict[str, list[float]]:
    """Of milliseconds: (median, 95 %, most)."""
    both = np.array(times)
    return {
        name: [round(float(v), 3) for v in np.percentile(both[:, n], (50, 95, 100))]
        for n, name in enumerate(("clock_ms", "cpu_ms"))
    }


def _evict(store: Path) -> None:
    for path in files_of(store):
        number = os.open(path, os.O_RDONLY)
        os.fsync(number)
        os.posix_fadvise(number, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(number)


def _asked(store: Path, tap: str, channel: int) -> None:
    with IndexReader(store) as reader:
        reader.top(tap, channel)


def _neighbours(args: argparse.Namespace, chance: np.random.Generator) -> dict[str, dict[str, list[float]]]:
    width, real = args.width, None
    if args.features:
        real = np.fromfile(args.features, "<f4").reshape(-1, width + 1)[:, :-1]
    with tempfile.TemporaryDirectory() as folder:
        file, short = Path(folder) / "features.f32", Path(folder) / "features.i8"
        with file.open("wb") as out, short.open("wb") as beside:
            for n in range(0, args.pictures, 1000):
                rows = np.abs(chance.standard_normal((1000, width), np.float32))
                if real is not None:
                    rows = real[np.arange(n, n + 1000) % len(real)] * (0.9 + 0.1 * rows.clip(0, 2))
                lengths = np.linalg.norm(rows.astype(np.float64), axis=1).astype("<f4")
                out.write(np.concatenate([rows, lengths[:, None]], 1).astype("<f4").tobytes())
                beside.write(shortened(rows).tobytes())
        ids = np.arange(args.pictures)

        def once(bytes_too: bool) -> list[tuple[int, float]]:
            held = np.memmap(short, np.int8, "c").reshape(-1, 1, row_bytes(width)) if bytes_too else None
            return nearest(np.memmap(file, "<f4", "r").reshape(-1, width + 1), ids, vector, 12, held)

        vector = np.abs(chance.standard_normal(width, np.float32)) if real is None else np.array(real[len(real) // 2])
        if once(False) != once(True):
            raise SystemExit("The two ways do not find the same.")
        times: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
        for n in range(30):
            times[n % 2 == 1].append(_timed(lambda n=n: once(n % 2 == 1)))  # type: ignore[misc]
        return {name: _figures(times[way]) for way, name in ((False, "product of all"), (True, "bounds from bytes"))}


if __name__ == "__main__":
    main()
