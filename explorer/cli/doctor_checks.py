"""The single checks of `doctor`. Each returns lines; one that raises is turned into a problem line by `doctor`."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from explorer.cli import qt_libraries
from explorer.core.byte_words import byte_words
from explorer.core.system import paths
from explorer.core.translation import tr

State = Literal["ok", "warning", "problem"]
NEEDED = (
    "torch",
    "torchvision",
    "PySide6-Essentials",
    "numpy",
    "pillow",
    "av",
    "safetensors",
    "platformdirs",
)
OPTIONAL = ("PySide6-Addons",)
AGAIN = (
    tr("Install the application again.")
    if getattr(sys, "frozen", False)
    else tr("Run the set-up again, or: pip install --force-reinstall {name}")
)
GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One finding: `value` is what was found, `todo` the way out when that is not well."""

    name: str
    value: str
    state: State = "ok"
    todo: str = ""


def versions() -> Iterator[CheckLine]:
    """Python, the system, and every package that the application needs."""
    from explorer import __version__

    yield CheckLine("Feature Map Explorer", __version__)
    yield CheckLine("Python", f"{platform.python_version()} ({platform.python_implementation()}, {sys.executable})")
    yield CheckLine("system", ", ".join(part for part in (platform.platform(), _distribution()) if part))
    for name in (*NEEDED, *OPTIONAL):
        yield _package(name)


def _package(name: str) -> CheckLine:
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        if name in OPTIONAL:
            return CheckLine(
                name,
                tr("not installed: no camera"),
                "warning",
                f"pip install {name}, in the version of PySide6-Essentials",
            )
        return CheckLine(name, tr("not installed"), "problem", f"pip install {name}")
    if name == "PySide6-Essentials" and version.startswith("6.12.") and sys.version_info < (3, 12):
        why = tr("6.12 loses references on Python 3.11 and aborts after some thousand signals")
        return CheckLine(name, f"{version}: {why}", "problem", 'pip install "PySide6-Essentials<6.12"')
    return CheckLine(name, version)


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        return ""


def devices() -> Iterator[CheckLine]:
    """Where forwards can run, how many threads they take, and the memory there is."""
    yield CheckLine("CPU", tr("{cpu_count} cores ({machine})", cpu_count=os.cpu_count(), machine=platform.machine()))
    yield _memory()
    import torch

    from explorer.engine.capture import cache
    from explorer.engine.jobs import devices as engine

    yield CheckLine(
        "threads",
        tr(
            "{default_threads} for forwards, of {cores} cores that may be used",
            default_threads=engine.default_threads(),
            cores=engine.cores(),
        ),
    )
    yield CheckLine(
        tr("memory for feature maps"),
        tr("{byte_words}, then the oldest are dropped", byte_words=byte_words(cache.default_budget())),
    )
    cuda = [
        tr("{title}, {byte_words} free", title=title, byte_words=byte_words(engine.free_bytes(name) or 0))
        for name, title in engine.devices()
        if "cuda" in name
    ]
    built = (
        tr("none (torch is built for CUDA {cuda})", cuda=torch.version.cuda)
        if torch.version.cuda
        else tr("none (torch is a CPU build)")
    )
    yield CheckLine("CUDA", "; ".join(cuda) or built)
    yield CheckLine("MPS", tr("available") if torch.backends.mps.is_available() else tr("none"))


def _memory() -> CheckLine:
    from explorer.engine.jobs.devices import free_bytes

    free = free_bytes("cpu")
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return CheckLine("memory", tr("not known on this system"))
    said = (
        tr("{byte_words}, {byte_words2} free", byte_words=byte_words(total), byte_words2=byte_words(free))
        if free is not None
        else byte_words(total)
    )
    if total < 2 * GIB:
        return CheckLine("memory", said, "warning", tr("Less than 2 GiB: large models will not fit."))
    return CheckLine("memory", said)


def folders() -> Iterator[CheckLine]:
    """What ships with the application, what it writes, and where weights are looked for, in this order."""
    resources = paths.resources()
    there = resources.is_dir()
    yield CheckLine(
        "resources",
        str(resources) if there else tr("{resources} (missing)", resources=resources),
        "ok" if there else "problem",
        "" if there else tr("The installation is not complete: install it again."),
    )
    for name, folder in (("data", paths.data_dir()), ("cache", paths.cache_dir()), ("settings", paths.config_dir())):
        writable = paths.can_write(folder)
        todo = (
            ""
            if writable
            else tr("Make it writable, or set {home_variable} to a folder that is.", home_variable=paths.HOME_VARIABLE)
        )
        yield CheckLine(name, _folder(folder, writable), "ok" if writable else "warning", todo)
    for number, folder in enumerate(_weight_places(), 1):
        yield CheckLine(tr("weights {number}", number=number), _folder(folder, paths.can_write(folder)))


def _folder(folder: Path, writable: bool) -> str:
    there = "there" if folder.is_dir() else tr("not made yet")
    return f"{folder} ({there}, {(tr('writable') if writable else tr('not writable'))})"


def _weight_places() -> tuple[Path, ...]:
    try:
        from explorer.engine.models.weights import locate
    except ImportError:
        return paths.weight_dirs()
    return locate.places()


def demo_models() -> Iterator[CheckLine]:
    """Which of the models that come with the application open."""
    from explorer.engine.models.demo import shelf

    names = shelf.names()
    broken = [name for name in names if not shelf.intact(name)]
    if broken:
        yield CheckLine(tr("demo models"), tr("damaged: {list}", list=", ".join(broken)), "problem", shelf.AGAIN)
    elif names:
        yield CheckLine(tr("demo models"), ", ".join(names))
    else:
        todo = tr("demo:seeded works without a file; weights of your own are opened with --weights.")
        yield CheckLine(tr("demo models"), tr("none came with this installation"), "warning", todo)


def weights_found() -> Iterator[CheckLine]:
    """Which trained models can be opened without a network."""
    from explorer.engine.models.torchvision_table import OFFICIAL
    from explorer.engine.models.weights import locate

    names = [name for name in OFFICIAL if locate.search(name, verify=False).found]
    target = paths.download_dir()
    if names:
        yield CheckLine(tr("trained torchvision models"), ", ".join(names))
        return
    todo = (
        tr("Put weight files into {target}, or let the application download them.", target=target)
        if target
        else tr("Make one of the folders writable.")
    )
    yield CheckLine(
        tr("trained torchvision models"),
        tr("no weights found"),
        "warning",
        tr("{todo} Without weights: --untrained", todo=todo),
    )


def optional_sources() -> Iterator[CheckLine]:
    """timm and transformers: whether they are there, what of theirs is here, and how they come."""
    from explorer.engine.models import hf_names, timm_names
    from explorer.engine.models.extras import EXTRAS

    for prefix, names in (("timm", timm_names.entries), ("hf", hf_names.entries)):
        extra = EXTRAS[prefix]
        title = tr("models of {package}", package=extra.package)
        if extra.way:
            yield CheckLine(title, tr("not installed, and not needed for the rest"), "ok", extra.way)
            continue
        here = [entry.id for entry in names() if entry.ready]
        known = metadata.version(extra.package)
        yield CheckLine(title, tr("{known}; weights here: {list}", known=known, list=", ".join(here) or tr("none")))


def onnx_models() -> Iterator[CheckLine]:
    """Whether ONNX models can be opened."""
    from explorer.engine.models.extras import ONNX

    if ONNX.way:
        yield CheckLine(tr("ONNX models"), tr("not installed, and not needed for the rest"), "ok", ONNX.way)
        return
    known = tr(
        "onnxruntime {runtime}, onnx {onnx}", runtime=metadata.version("onnxruntime"), onnx=metadata.version("onnx")
    )
    yield CheckLine(tr("ONNX models"), known)


def plug_ins() -> Iterator[CheckLine]:
    """What installed packages add, and what of it cannot be used."""
    from explorer import catalogue

    kinds = (
        ("methods", catalogue.methods),
        (tr("input kinds"), catalogue.inputs),
        (tr("layer views"), catalogue.layer_views),
        ("workspaces", catalogue.workspaces),
    )
    for title, registry in kinds:
        added = [
            tr("{entry} of {package}", entry=entry.name, package=entry.package)
            for entry in registry.entries
            if entry.package
        ]
        yield CheckLine(tr("added {title}", title=title), ", ".join(added) or tr("none"))
    sources = [
        tr("{entry} of {package}", entry=entry.name, package=entry.package)
        for entry in catalogue.models.targets.values()
        if entry.package
    ]
    yield CheckLine(tr("added model sources"), ", ".join(sources) or tr("none"))
    for problem in catalogue.problems():
        where = tr(" of {package}", package=problem.package) if problem.package else ""
        # of one in the folder of plug-ins the reason says what to do
        todo = tr("Update or remove the package that brings it.") if problem.package else ""
        yield CheckLine(f"{problem.name}{where}", problem.reason, "warning", todo)


def torch_works() -> Iterator[CheckLine]:
    """A convolution whose result is known, then torchvision."""
    import torch

    result = torch.nn.functional.conv2d(torch.ones(1, 3, 8, 8), torch.ones(4, 3, 3, 3))
    right = result.shape == (1, 4, 6, 6) and bool((result == 27).all())
    if right:
        yield CheckLine("torch", tr("a convolution gives the right numbers"))
    else:
        yield CheckLine("torch", tr("a convolution gives wrong numbers"), "problem", AGAIN.format(name="torch"))
    from explorer.engine.models import torchvision_compat

    compiled = torchvision_compat.load_extension()
    module = torchvision_compat.import_torchvision()
    operators = (
        tr("its compiled operators")
        if compiled
        else tr("operators declared here (its compiled ones do not fit this torch)")
    )
    yield CheckLine(
        "torchvision", tr("{version} imports, with {operators}", version=module.__version__, operators=operators)
    )


def libraries() -> Iterator[CheckLine]:
    """Shared libraries and fonts; only Linux takes them from the system."""
    if not sys.platform.startswith("linux"):
        yield CheckLine(tr("system libraries"), tr("come with PySide6 on this system"))
        return
    manager = qt_libraries.package_manager()
    uses = {
        "run": "Qt",
        "window": tr("a window on X11"),
        "wayland": tr("a window on Wayland"),
        "camera": tr("the camera"),
    }
    for use, title in uses.items():
        lacking = qt_libraries.missing({use})
        if not lacking:
            yield CheckLine(tr("libraries for {title}", title=title), tr("all there"))
            continue
        command = qt_libraries.install_command(lacking, manager)
        todo = (
            tr("As root: {list}", list=" ".join(command))
            if command
            else tr("Install the packages that bring these files.")
        )
        names = ", ".join(library.name for library in lacking)
        yield CheckLine(
            tr("libraries for {title}", title=title),
            tr("missing: {names}", names=names),
            "problem" if _is_needed(use) else "warning",
            todo,
        )


def _is_needed(use: str) -> bool:
    x11, wayland = bool(os.environ.get("DISPLAY")), bool(os.environ.get("WAYLAND_DISPLAY"))
    return use == "run" or (use == "window" and x11) or (use == "wayland" and wayland and not x11)


_START = """
import json, sys
from PySide6.QtGui import QFontDatabase, QGuiApplication
app = QGuiApplication(sys.argv[:1])
scalable = [f for f in QFontDatabase.families() if QFontDatabase.isSmoothlyScalable(f)]
print(json.dumps({"platform": app.platformName(), "fonts": len(scalable)}))
"""
_DEVICES = """
import json
from PySide6.QtCore import QCoreApplication
from PySide6.QtMultimedia import QMediaDevices
app = QCoreApplication([])
lists = QMediaDevices.videoInputs(), QMediaDevices.audioOutputs(), QMediaDevices.audioInputs()
print(json.dumps([[device.description() for device in devices] for devices in lists]))
"""


def _ask(code: str, **environment: str) -> Any:
    """Run a few lines in a process of their own, for Qt ends the process when it cannot start. Raises RuntimeError."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        env={**os.environ, "QT_LOGGING_RULES": "*.info=false;*.debug=false", **environment},
    )
    if done.returncode == 0:
        return json.loads(done.stdout.strip().splitlines()[-1])
    words = [line for line in done.stderr.splitlines() if line.strip()]
    raise RuntimeError(
        words[-1].strip() if words else tr("ended with code {returncode} and said nothing", returncode=done.returncode)
    )


def qt_starts() -> Iterator[CheckLine]:
    """Whether Qt starts without a screen, and on the screen when there is one; whether it finds fonts."""
    if getattr(sys, "frozen", False):
        yield CheckLine("Qt", tr("not tried in a packaged application: `smoke-test` opens the window"))
        return
    fonts = yield from _start(tr("Qt without a screen"), "offscreen")
    if fonts == 0:
        command = " ".join(qt_libraries.install_command([qt_libraries.FONTS], qt_libraries.package_manager()))
        yield CheckLine(
            "fonts",
            tr("none: text would be drawn as boxes"),
            "problem",
            tr("As root: {command}", command=command) if command else tr("Install a font."),
        )
    elif fonts is not None:
        yield CheckLine("fonts", tr("{fonts} scalable families", fonts=fonts))
    linux = sys.platform.startswith("linux")
    if not linux or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        yield from _start(tr("Qt on the screen"), os.environ.get("QT_QPA_PLATFORM", ""))
    else:
        todo = tr("`screenshot` and the other commands work; for a window use ssh -X or xvfb-run.")
        yield CheckLine(
            tr("Qt on the screen"), tr("no display here (neither DISPLAY nor WAYLAND_DISPLAY)"), "warning", todo
        )


def _start(name: str, plugin: str) -> Generator[CheckLine, None, int | None]:
    environment = {"QT_QPA_PLATFORM": plugin} if plugin else {}
    try:
        found = _ask(_START, **environment)
    except (RuntimeError, OSError, ValueError, subprocess.TimeoutExpired) as error:
        todo = (
            tr("See the libraries above.")
            if sys.platform.startswith("linux")
            else AGAIN.format(name="PySide6-Essentials")
        )
        yield CheckLine(name, tr("cannot start: {error}", error=error), "problem", todo)
        return None
    yield CheckLine(name, tr("starts ({found})", found=found["platform"]))
    return int(found["fonts"])


def video() -> Iterator[CheckLine]:
    """Which of the usual kinds of video can be decoded."""
    import av

    wanted = {"h264": "H.264", "hevc": "H.265", "vp9": "VP9", "av1": "AV1", "mpeg4": "MPEG-4", "mjpeg": "MJPEG"}
    known = [title for codec, title in wanted.items() if codec in av.codecs_available]
    if "H.264" in known:
        yield CheckLine(tr("video files"), tr("{list} (PyAV {version})", list=", ".join(known), version=av.__version__))
    else:
        yield CheckLine(
            tr("video files"),
            tr("no H.264, only {list}", list=", ".join(known) or tr("nothing")),
            "warning",
            AGAIN.format(name="av"),
        )


def media_devices() -> Iterator[CheckLine]:
    """Whether Qt Multimedia is there, and which cameras, sound outputs and microphones it sees."""
    if getattr(sys, "frozen", False):
        yield CheckLine(tr("camera and sound"), tr("not tried in a packaged application"))
        return
    try:
        found = _ask(_DEVICES)
    except (RuntimeError, OSError, ValueError, subprocess.TimeoutExpired) as error:
        todo = "pip install PySide6-Addons in the version of PySide6-Essentials; pictures, videos and sound files work without it."
        if "shared object" in str(error):
            todo = tr("See the libraries above; pictures, videos and sound files work without it.")
        yield CheckLine(
            tr("camera and sound"), tr("Qt Multimedia does not start: {error}", error=error), "warning", todo
        )
        return
    for name, titles in zip(("camera", tr("sound output"), "microphone"), found, strict=True):
        yield CheckLine(
            name, ", ".join(titles) if titles else tr("Qt Multimedia works; no {name} is connected", name=name)
        )
