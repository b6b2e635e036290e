"""Stand-ins for two encoders under the GPL that PyAV's FFmpeg is linked with and that nothing here calls.

FFmpeg itself is under the LGPL in these wheels and needs their names to load. A stand-in has those names and refuses:
whoever asks FFmpeg for such an encoder gets an error. `docs/decisions/0012` says why.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from installers.facts import BUILD

FOLDER = BUILD / "encoders"  # stand-ins and nothing else
_GPL = re.compile(r"^libx26[45]\b")
_DATA = "BDRVW"  # kinds of symbols that are no functions, as nm writes them
Entry = tuple[str, str, str]  # path inside the application, file it is copied from, kind: as PyInstaller has it

_CODE = """
/* x264 gives no encoder: null. x265 gives a table of functions, every one of which gives null. */
static void *refuse(void) { return 0; }
static void *(*const table[64])(void) = { [0 ... 63] = refuse };
"""


def is_gpl(path: str) -> bool:
    """Whether a library of this name is one of the encoders."""
    return _GPL.match(path.replace("\\", "/").rsplit("/", 1)[-1]) is not None


def replaced(entries: Iterable[Entry], folder: Path = FOLDER) -> list[Entry]:
    """The same entries with stand-ins, made in `folder`, as sources of the encoders; unchanged where this is not Linux.

    Raises CalledProcessError when there is no compiler, and ValueError when FFmpeg wants something unknown of them.
    """
    entries = list(entries)
    if not sys.platform.startswith("linux"):
        return entries
    users = [Path(source) for _, source, kind in entries if kind == "BINARY" and "libavcodec" in source]
    return [
        (path, str(stand_in(Path(source), users, folder)) if kind == "BINARY" and is_gpl(path) else source, kind)
        for path, source, kind in entries
    ]


def stand_in(library: Path, users: Iterable[Path], folder: Path) -> Path:
    """A library of the same name in `folder` with what `users` want of `library`, which refuses all of it."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {name for user in users for name in _symbols(user, "--undefined-only")}
    offered = {name: kind for name, kind in _symbols(library, "--defined-only").items() if name in wanted}
    target = folder / library.name
    options = ["-shared", "-fPIC", "-Os", "-nostdlib", "-s", f"-Wl,-soname,{library.name}", "-x", "c", "-"]
    text = _CODE + "".join(_definition(name, kind) for name, kind in sorted(offered.items()))
    subprocess.run(["gcc", "-o", str(target), *options], input=text, text=True, check=True)
    return target


def _definition(name: str, kind: str) -> str:
    if kind in _DATA:
        return f"const char {name}[4096] = {{0}};\n"  # x264's list of levels, which ends at the first zero
    if kind not in "TW":
        raise ValueError(f"{name} is neither data nor a function")
    return f"void *{name}(void) {{ return {'(void *)table' if name.startswith('x265_api') else '0'}; }}\n"


def _symbols(library: Path, which: str) -> dict[str, str]:
    """Names and kinds of a library's dynamic symbols."""
    listed = subprocess.run(["nm", "-D", which, str(library)], capture_output=True, text=True, check=True).stdout
    fields = [line.split() for line in listed.splitlines()]
    return {entry[-1].split("@")[0]: entry[-2] for entry in fields}
