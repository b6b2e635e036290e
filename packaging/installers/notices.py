"""The notices file: every part that is really in the frozen application, its version, its licence, and the licence's text.

Called by the PyInstaller spec, in the environment of the build, with what PyInstaller has collected.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from installers import encoders
from installers.facts import PACKAGING, TITLE

_TERMS = PACKAGING / "licenses"
_TEXT_NAMES = ("licen", "copying", "notice", "authors", "copyright")
_RULE = "=" * 100

# Libraries inside the wheels, by the beginning of their file name. What is not here is listed as "see its wheel".
_BUNDLED = (
    (("libx264", "libx265"), "GPL-2.0-or-later"),
    (("libmp3lame", "libtwolame", "libasound", "libgnutls", "libidn2"), "LGPL-2.1-or-later"),
    (("libgmp", "libhogweed", "libnettle", "libunistring"), "LGPL-3.0-or-later or GPL-2.0-or-later"),
    (("libgfortran", "libquadmath", "libgomp", "libgcc_s", "libstdc++"), "GPL-3.0 with the GCC runtime exception"),
    (("libscipy_openblas", "libopenblas", "libvpx", "libopus", "libdav1d", "libwebp", "libsharpyuv", "libzstd"), "BSD"),
    (("libSvtAv1", "libaom", "libavif"), "BSD-2-Clause or BSD-3-Clause-Clear, with a patent licence"),
    (("libvpl", "libdrm", "libxcb", "libXau", "libharfbuzz", "liblcms2", "libbrotli"), "MIT"),
    (("libopencore",), "Apache-2.0"),
    (("libtiff",), "libtiff"),
    (("libjpeg",), "IJG and BSD"),
    (("libpng",), "PNG-2.0"),
    (("libfreetype",), "FTL or GPL-2.0"),
    (("libopenjp2",), "BSD-2-Clause"),
    (("liblzma",), "0BSD"),
    (("libsqlite3", "sqlite3"), "public domain"),
    (("libz",), "Zlib"),
    (("libicu",), "Unicode-3.0"),
    (("libQt6", "Qt"), "LGPL-3.0"),
)
# FFmpeg, which is inside twice: built for Qt, and for PyAV with what only version 3 may be combined with
_FFMPEG = ("avcodec", "avdevice", "avfilter", "avformat", "avutil", "swresample", "swscale")


@dataclass(frozen=True, slots=True)
class Part:
    """One thing inside, with the texts that must go along."""

    name: str
    version: str
    licence: str
    texts: tuple[str, ...] = ()


def distributions(modules: Collection[str]) -> list[Part]:
    """The Python distributions that these modules (dotted names) come from, by name."""
    owners = metadata.packages_distributions()
    tops = {module.split(".")[0] for module in modules}
    names = {name for top in tops for name in owners.get(top, ())}
    return [_distribution(name) for name in sorted(names, key=str.lower)]


def _distribution(name: str) -> Part:
    found = metadata.distribution(name)
    about = found.metadata
    terms = about.get("License-Expression") or about.get("License") or _classified(about) or "see its text"
    files = [file for file in found.files or () if _is_text(str(file))]
    texts = tuple(text for file in files if (text := _read(Path(str(found.locate_file(file))))))
    return Part(about["Name"], found.version, terms.splitlines()[0], texts)


def _classified(about: metadata.PackageMetadata) -> str:
    found = [entry for entry in about.get_all("Classifier") or () if entry.startswith("License ::")]
    return ", ".join(entry.rsplit(" :: ", 1)[-1] for entry in found)


def _is_text(path: str) -> bool:
    """Whether a file of a distribution is one of its licence texts."""
    name = path.rsplit("/", 1)[-1].lower()
    return ".dist-info/" in path and not name.endswith((".py", ".pyc")) and any(word in name for word in _TEXT_NAMES)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def python() -> Part:
    """Python itself."""
    texts = [_read(Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"), _read(Path(sys.base_prefix) / "LICENSE.txt")]
    return Part("Python", sys.version.split()[0], "PSF-2.0", tuple(text for text in texts[:2] if text)[:1])


def system(sources: Iterable[str]) -> list[Part]:
    """Debian packages that these files of the build machine come from; [] on other systems."""
    files = sorted({str(Path(source).resolve()) for source in sources})
    if not files or shutil.which("dpkg-query") is None:
        return []
    tried = [*files, *(file.removeprefix("/usr") for file in files)]  # installed as /lib before /usr was merged
    listed = subprocess.run(["dpkg-query", "--search", *tried], capture_output=True, text=True).stdout
    packages = sorted({line.split(":")[0] for line in listed.splitlines() if ": " in line})
    return [_debian(package) for package in packages]


def _debian(package: str) -> Part:
    shown = subprocess.run(["dpkg-query", "-W", "-f", "${Version} ", package], capture_output=True, text=True).stdout
    text = _read(Path("/usr/share/doc") / package / "copyright")
    return Part(package, (shown.split() or [""])[0], "see its text", (text,) if text else ())


def bundled(binaries: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """(file, licence) of the libraries that came inside the wheels. `binaries`: (path inside, file it was copied from)."""
    found = {(path.replace("\\", "/"), source) for path, source in binaries}
    named = {path.rsplit("/", 1)[-1]: _licence(path, source) for path, source in found if _is_bundled(path)}
    return sorted(named.items(), key=lambda entry: entry[0].lower())


def _is_bundled(path: str) -> bool:
    inside = (".libs/", ".dylibs/")  # as the wheels of Linux and Windows have it, and those of macOS
    return any(folder in path for folder in inside) or path.startswith(
        ("PySide6/Qt/lib/", "PySide6/Qt6", "PySide6/av", "PySide6/sw")
    )


def _licence(path: str, source: str) -> str:
    file = path.rsplit("/", 1)[-1]
    if encoders.is_gpl(path) and _is_stand_in(source):
        return "Apache-2.0 (a stand-in, see below)"
    if file.removeprefix("lib").startswith(_FFMPEG):
        return "LGPL-2.1-or-later" if path.startswith("PySide6/") else "LGPL-3.0-or-later"
    for beginnings, terms in _BUNDLED:
        if file.startswith(beginnings):
            return terms
    return "see the wheel it came in"


def _is_stand_in(source: str) -> bool:
    return encoders.FOLDER in Path(source).parents


def remarks(binaries: Iterable[tuple[str, str]], mkl: bool) -> list[str]:
    """What has to be said of these binaries. `mkl`: PyTorch holds Intel's library."""
    sources = [source for path, source in binaries if encoders.is_gpl(path)]
    names = ["README.txt"]
    if any(_is_stand_in(source) for source in sources):
        names.append("encoders.txt")
    if not all(_is_stand_in(source) for source in sources):
        names.append("gpl.txt")
    if mkl:
        names.append("mkl.txt")
    return [_read(_TERMS / name) for name in names]


def has_mkl() -> bool:
    """Whether the PyTorch of this environment holds Intel's oneMKL."""
    import torch

    return torch.backends.mkl.is_available()


def render(
    parts: Iterable[Part],
    libraries: Iterable[tuple[str, str]],
    said: Iterable[str],
    shared: Iterable[tuple[str, str]],
) -> str:
    """The whole file: a table, the libraries inside the wheels, then all texts. A text that came before is not repeated."""
    parts, lines = list(parts), [f"{TITLE} and what it is made of", ""]
    wide = max((len(part.name) for part in parts), default=0)
    lines += [f"{part.name:<{wide}}  {part.version:<16}  {part.licence}" for part in parts]
    lines += ["", "Libraries inside these packages:", "", *(f"{name:<48}  {terms}" for name, terms in libraries)]
    lines += [line for text in said for line in ("", text)]
    seen: set[str] = set()
    texts = [(f"{part.name} {part.version}", text) for part in parts for text in part.texts]
    for title, text in (*texts, *shared):
        if text not in seen:
            seen.add(text)
            lines += ["", _RULE, title, _RULE, "", text]
    return "\n".join([*lines, ""])


def shared_texts() -> list[tuple[str, str]]:
    """Licences that the texts above refer to."""
    return [(path.name, _read(path)) for path in sorted(_TERMS.iterdir()) if path.suffix != ".txt"]


def generate(own: Part, modules: Collection[str], binaries: Collection[tuple[str, str]]) -> str:
    """The notices of a frozen application. `binaries`: (path inside, file it was copied from)."""
    prefixes = {Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve()}
    foreign = [source for _, source in binaries if not prefixes & set(Path(source).resolve().parents)]
    names = [*modules, *(path.replace("\\", "/").split("/")[0] for path, _ in binaries)]
    parts = [own, python(), *distributions(names), *system(foreign)]
    return render(parts, bundled(binaries), remarks(binaries, has_mkl()), shared_texts())
