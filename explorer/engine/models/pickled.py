"""Which Python objects a pickle asks for, found by reading its instructions without following them."""

from __future__ import annotations

import pickletools
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO

PICKLES = 6  # torch's older format is a row of pickles, followed by the bare numbers
STEPS = 2_000_000  # of one pickle that are read: a large model has some ten thousand, a bomb has as many as it likes
_TEXTS = ("SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "UNICODE", "BINSTRING", "SHORT_BINSTRING")
# What tensors and plain settings are made of; all else is named to the person.
_HARMLESS = (
    "collections.OrderedDict",
    "collections.defaultdict",
    "argparse.Namespace",
    "__builtin__.set",
    "builtins.set",
)
_HARMLESS_PARTS = (
    "torch._utils._rebuild",
    "torch._tensor._rebuild",
    "torch.nn.parameter.",
    "numpy.core.",
    "numpy._core.",
)


def unsafe_names(path: Path) -> list[str]:
    """Dotted names of objects other than tensors, sorted; [] when there are none or the file cannot be followed."""
    names: set[str] = set()
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for entry in archive.namelist():
                    if entry.endswith("data.pkl"):
                        with archive.open(entry) as stream:
                            names.update(_names(stream))
        else:
            with open(path, "rb") as file:
                for _ in range(PICKLES):
                    names.update(_names(file))
    except (
        ValueError,
        OSError,
        KeyError,
        IndexError,
        zipfile.BadZipFile,
        NotImplementedError,
        OverflowError,
        MemoryError,
    ):
        pass  # the names until here are still true
    return sorted(name for name in names if not _harmless(name))


def _harmless(name: str) -> bool:
    # torch.float32, torch.Size, torch.FloatStorage; numpy.dtype: one dot and no more.
    plain = name.startswith(("torch.", "numpy.")) and name.count(".") == 1
    return plain or name in _HARMLESS or name.startswith(_HARMLESS_PARTS) or name == "torch.storage.UntypedStorage"


def _names(stream: IO[bytes]) -> Iterator[str]:
    texts: list[str] = []
    for code, argument, _ in islice(pickletools.genops(stream), STEPS):
        if code.name in ("GLOBAL", "INST"):
            yield str(argument).replace(" ", ".")
        elif code.name == "STACK_GLOBAL" and len(texts) > 1:
            yield ".".join(texts[-2:])
        elif code.name in _TEXTS:
            texts = [*texts[-1:], str(argument)]
