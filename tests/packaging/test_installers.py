"""The pure parts of the build: what goes in, the size report, the notices, the package's description."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
Part = Callable[[str], ModuleType]


@pytest.fixture
def part(monkeypatch: pytest.MonkeyPatch) -> Part:
    """part("sizes") is that module of packaging/installers."""
    monkeypatch.syspath_prepend(str(PACKAGING))
    return lambda name: importlib.import_module(f"installers.{name}")


@pytest.fixture
def contents() -> ModuleType:
    spec = importlib.util.spec_from_file_location("contents", PACKAGING / "pyinstaller" / "contents.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def file(path: Path, size: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    return path


# --- what goes in


def test_everything_the_application_imports_is_let_in(contents: ModuleType) -> None:
    import ast

    wanted: set[str] = set()
    for path in (ROOT / "explorer").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                wanted |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                wanted |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    optional = (
        "timm",
        "transformers",
        "tokenizers",
        "ray",
        "onnx",
        "onnxruntime",
        "pytest",
        "pyqtgraph",
    )  # pytest: of explorer.testing
    out = [name for name in contents.EXCLUDED if name not in optional]
    assert not [name for name in wanted if any(name == gone or name.startswith(f"{gone}.") for gone in out)]


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("torch/lib/libtorch_cpu.so", True),
        ("torch/bin/torch_shm_manager", True),
        ("torch/bin/protoc", False),
        ("torch/lib/libtorchbind_test.so", False),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", True),
        ("PySide6/Qt/plugins/platforms/libqoffscreen.so", True),
        ("PySide6/Qt/plugins/platforms/libqvnc.so", False),
        ("PySide6/Qt/plugins/multimedia/libffmpegmediaplugin.so", True),
        (r"PySide6\opengl32sw.dll", False),
        ("torch-2.13.0.dist-info/METADATA", True),
        ("torch-2.13.0.dist-info/licenses/LICENSE", False),
        ("libQt6Qml.so.6", False),
        ("libQt6Widgets.so.6", True),
        ("libharfbuzz.so.0", False),
        ("pillow.libs/libharfbuzz-fb49c9fc.so.0", True),
        ("resources/models/shapes-cnn.safetensors", True),
    ],
)
def test_files_that_stay_out(contents: ModuleType, path: str, kept: bool) -> None:
    assert contents.is_kept(path, operators=True) is kept


def test_torchvisions_libraries_go_in_where_they_fit(contents: ModuleType) -> None:
    assert contents.has_operators([r"torchvision\_C.pyd"])
    assert not contents.has_operators(["torchvision/image.so", "torch/_C.so"])
    for path in ("torchvision/_C.so", "torchvision.libs/libjpeg.so"):
        assert contents.is_kept(path, operators=True)
        assert not contents.is_kept(path, operators=False)


def test_the_standard_library_is_one_that_can_be_imported(contents: ModuleType) -> None:
    names = contents.standard_library()
    assert {"dataclasses", "json", "urllib", "unittest"} <= set(names)
    assert not {"tkinter", "winsound" if sys.platform != "win32" else "posix"} & set(names)


def test_the_stand_in_for_the_compiler_lets_an_optimiser_step(contents: ModuleType) -> None:
    """In a process without sympy and the real compiler, Adam gives the very numbers it gives with them."""
    folder = PACKAGING / "pyinstaller" / "eager"
    code = f"""
import importlib.util, sys, torch
for gone in ("sympy", "torch._inductor"):
    sys.modules[gone] = None
for name, file in reversed({contents.STAND_INS!r}.items()):
    spec = importlib.util.spec_from_file_location(name, {str(folder)!r} + "/" + file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    setattr(torch, "_dynamo", module) if name == "torch._dynamo" else None
    spec.loader.exec_module(module)
"""
    steps = """
import torch
from torch.utils.checkpoint import checkpoint
x = torch.arange(6.0).requires_grad_()
adam = torch.optim.Adam([x], lr=0.1, foreach=False)
for _ in range(3):
    adam.zero_grad()
    checkpoint(lambda v: (v.sin() * v).sum(), x, use_reentrant=False).backward()
    adam.step()
print(torch.compiler.disable(lambda v: v)(x).tolist())
"""
    plain, stood = (
        subprocess.run([sys.executable, "-c", text], capture_output=True, text=True) for text in (steps, code + steps)
    )
    assert (stood.returncode, stood.stderr) == (0, "")
    assert stood.stdout == plain.stdout != ""
    compiled = subprocess.run(
        [sys.executable, "-c", f"{code}\ntorch.compile(torch.nn.ReLU())"], capture_output=True, text=True
    )
    assert "RuntimeError: The packaged application compiles no models" in compiled.stderr


# --- sizes


def test_every_byte_belongs_to_one_component(part: Part, tmp_path: Path) -> None:
    sizes = part("sizes")
    file(tmp_path / "feature-map-explorer", 7)
    file(tmp_path / "_internal/torch/lib/libtorch_cpu.so", 100)
    file(tmp_path / "_internal/PySide6/QtCore.so", 30)
    file(tmp_path / "_internal/resources/models/net.safetensors", 20)
    file(tmp_path / "_internal/resources/samples/cat.png", 5)
    file(tmp_path / "_internal/libz.so.1", 3)
    (tmp_path / "_internal/libtorch.so").symlink_to("torch/lib/libtorch_cpu.so")
    found = sizes.by_component(tmp_path)
    assert found == {
        "PyTorch": 100,
        "Qt and PySide6": 30,
        "demo models": 20,
        "byte code of all Python (the program)": 7,
        "sample pictures and icons": 5,
        "other libraries": 3,
    }
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert sizes.largest(tmp_path, 2) == [
        (100, "_internal/torch/lib/libtorch_cpu.so"),
        (30, "_internal/PySide6/QtCore.so"),
    ]
    text = sizes.report(found, [file(tmp_path / "app.deb", 1_500_000)])
    assert "60.6%  PyTorch" in text
    assert text.splitlines()[-1].split() == ["1.5", "MB", "app.deb"]


def test_what_is_too_large_is_named(part: Part, tmp_path: Path) -> None:
    sizes = part("sizes")
    deb = file(tmp_path / "app.deb", 3_000_000)
    assert sizes.too_large({"all": 5 << 20}, [deb], {"installed": 5.0, ".deb": 3.0}) == []
    found = sizes.too_large({"all": 6 << 20}, [deb], {"installed": 5.0, ".deb": 2.0})
    assert [line.split(":")[0] for line in found] == ["installed", "app.deb"]


def test_checksums_are_those_of_sha256sum(part: Part, tmp_path: Path) -> None:
    paths = [file(tmp_path / "b", 3), file(tmp_path / "a", 2)]
    lines = part("sizes").checksums(paths).splitlines()
    assert lines == [f"{hashlib.sha256(b'x' * n).hexdigest()}  {name}" for name, n in (("a", 2), ("b", 3))]


# --- notices


def test_notices_name_what_is_inside_with_its_terms(part: Part) -> None:
    notices = part("notices")
    own = notices.Part("Feature Map Explorer", "1.2", "Apache-2.0", ("the text",))
    inside = [("av.libs/libx265-1.so.216", "/nowhere/libx265"), ("PIL/_imaging.so", "/nowhere/_imaging.so")]
    text = notices.generate(own, ["torch.nn", "numpy", "explorer.app"], inside)
    head = text[: text.index("=" * 20)]
    for name, terms in (("torch", "BSD-3-Clause"), ("numpy", "BSD-3-Clause"), ("pillow", "MIT-CMU")):
        assert any(line.lower().startswith(name) and terms in line for line in head.splitlines()), name
    assert "PySide6_Essentials" not in head  # nothing of it was named
    assert "libx265-1.so.216" in head
    assert "GPL-2.0-or-later" in head
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text
    assert all(words in text for words in notices.python().texts)


def test_a_text_is_there_once(part: Part) -> None:
    notices = part("notices")
    parts = [notices.Part(name, "1", "MIT", ("one and the same",)) for name in ("a", "b")]
    assert notices.render(parts, [], [], []).count("one and the same") == 1


def test_a_library_nobody_knows_is_still_listed(part: Part) -> None:
    paths = ("pillow.libs/libnew-1.so", "torch/lib/libtorch.so", "PySide6/Qt/lib/libQt6Core.so.6")
    found = part("notices").bundled((path, f"/wheels/{path}") for path in paths)
    assert found == [("libnew-1.so", "see the wheel it came in"), ("libQt6Core.so.6", "LGPL-3.0")]


def test_each_ffmpeg_has_the_licence_it_was_built_under(part: Part) -> None:
    """What FFmpeg says of itself in the wheel that is installed."""
    pytest.importorskip("av")
    from av._core import library_meta

    of_pyav = ("av.libs/libavcodec-5e.so.62", "av.libs/avcodec-62-ab.dll", "av/.dylibs/libavcodec.62.dylib")
    of_qt = ("PySide6/Qt/lib/libavcodec.so.61", "PySide6/avcodec-61.dll", "PySide6/Qt/lib/libavcodec.61.dylib")
    for paths, terms in ((of_pyav, "LGPL-3.0-or-later"), (of_qt, "LGPL-2.1-or-later")):
        found = part("notices").bundled((path, f"/wheels/{path}") for path in paths)
        assert [licence for _, licence in found] == [terms] * len(paths)
    assert {meta["license"] for meta in library_meta.values()} == {"LGPL version 3 or later"}


def test_encoders_under_the_gpl_are_said_to_be_inside_only_where_they_are(part: Part) -> None:
    notices, encoders = part("notices"), part("encoders")
    real = [("av.libs/libx264-1.so.165", "/wheels/av.libs/libx264-1.so.165")]
    stood = [("av.libs/libx264-1.so.165", str(encoders.FOLDER / "libx264-1.so.165"))]
    assert notices.bundled(real)[0][1] == "GPL-2.0-or-later"
    assert notices.bundled(stood)[0][1].startswith("Apache-2.0")
    inside, refusing = "which are inside", "They are not inside"
    for binaries, words in ((real, (True, False)), (stood, (False, True)), ([], (False, False))):
        text = " ".join(" ".join(notices.remarks(binaries, mkl=False)).split())
        assert (inside in text, refusing in text) == words


def test_the_terms_of_intels_library_go_along(part: Part) -> None:
    import torch

    notices = part("notices")
    assert notices.has_mkl() == ("BLAS_INFO=mkl" in torch.__config__.show())
    said = " ".join(notices.remarks([], mkl=True)[-1].split())
    assert "Intel Simplified Software License" in said
    assert any("Intel Simplified Software License" in text for _, text in notices.shared_texts())


# --- the packages


def test_the_control_file_says_what_dpkg_asks_for(part: Part) -> None:
    deb, facts = part("deb"), part("facts")
    fields = dict(line.split(": ", 1) for line in deb.control(1234, "2.36").splitlines() if not line.startswith(" "))
    assert fields["Package"] == "feature-map-explorer"
    assert fields["Version"] == facts.version()
    assert fields["Installed-Size"] == "1234"
    assert fields["Depends"].startswith("libc6 (>= 2.36), ")
    assert "\n\n" not in deb.control(1, "2.36")


def test_the_version_is_the_applications_own(part: Part) -> None:
    from explorer import __version__

    assert part("facts").version() == __version__


def test_files_that_are_opened_have_a_type(part: Part) -> None:
    from explorer.core.lessons.lesson_file import KIT_SUFFIX
    from explorer.ui.incoming import SESSION_SUFFIXES

    text = (PACKAGING / "linux" / "feature-map-explorer.xml").read_text(encoding="utf-8")
    space = "{http://www.freedesktop.org/standards/shared-mime-info}"
    types = ElementTree.fromstring(text).findall(f"{space}mime-type")
    patterns = {glob.get("pattern"): kind.get("type") for kind in types for glob in kind.findall(f"{space}glob")}
    assert {*(f"*{suffix}" for suffix in (*SESSION_SUFFIXES, KIT_SUFFIX)), "*.safetensors", "*.pth"} == set(patterns)
    entry = (PACKAGING / "linux" / "feature-map-explorer.desktop").read_text(encoding="utf-8")
    offered = next(line for line in entry.splitlines() if line.startswith("MimeType="))
    assert set(offered.removeprefix("MimeType=").strip(";").split(";")) == set(patterns.values())


def test_the_smoke_test_is_judged_by_the_applications_own_words(part: Part) -> None:
    from explorer.cli.smoke_words import EXPECTED

    smoke = part("smoke")
    whole = "\n".join(EXPECTED)
    assert smoke.judge(0, whole) == ()
    assert smoke.judge(3, whole) == ("exit code 3",)
    assert smoke.judge(0, f"{whole}\nModuleNotFoundError: no x") == ("ModuleNotFoundError: no x",)
    assert len(smoke.judge(1, "")) == 1 + len(EXPECTED)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the folders are those of Linux")
def test_a_file_anywhere_else_in_the_home_is_found(part: Part, tmp_path: Path) -> None:
    smoke = part("smoke")
    for base in (".local/share", ".cache", ".config"):
        file(tmp_path / base / "feature-map-explorer" / "deep" / "own.txt", 1)
    assert smoke.outside(tmp_path) == []
    for stray in ("notes.txt", ".cache/feature-map-explorer-2/x", ".config/other"):
        file(tmp_path / stray, 1)
    found = ["~/.cache/feature-map-explorer-2/x", "~/.config/other", "~/notes.txt"]
    assert smoke.outside(tmp_path) == found


def test_macos_signs_what_lies_deepest_first(part: Part, tmp_path: Path) -> None:
    inner = file(tmp_path / "X.app/Contents/Frameworks/torch/lib/libtorch.dylib", 1)
    outer = file(tmp_path / "X.app/Contents/MacOS/program", 1)
    outer.chmod(0o755)
    file(tmp_path / "X.app/Contents/Resources/text.txt", 1)
    (tmp_path / "X.app/Contents/Resources/libtorch.dylib").symlink_to(inner)
    assert part("macos").to_sign(tmp_path / "X.app") == [inner, outer]


def test_everything_that_is_frozen_is_pinned(part: Part) -> None:
    import re

    pins = (PACKAGING / "constraints.txt").read_text(encoding="utf-8").lower()
    for requirement in part("environment").wanted():
        name = re.match(r"[\w-]+", requirement)
        assert name is not None
        assert f"\n{name[0].lower()}==" in pins, requirement
