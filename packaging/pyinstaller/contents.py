"""What goes into the frozen application and what stays out. Standard library only, so that it can be tested anywhere."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Collection

NAME = "feature-map-explorer"

# Whole packages: models of a person (`file:PATH.py:FACTORY`) import what the application itself never names.
WHOLE = ("explorer", "torch.nn", "torchvision.models", "torchvision.transforms", "torchvision.ops", "safetensors")

# `importlib.metadata` is asked for these: by doctor, the About box, and the provenance of an export.
METADATA = (
    "torch",
    "torchvision",
    "PySide6-Essentials",
    "PySide6-Addons",
    "shiboken6",
    "numpy",
    "pillow",
    "av",
    "safetensors",
    "platformdirs",
    "pyqtgraph",
)

# Modules of the standard library that only builders of programs and terminals need.
_TOOLS = (
    *("antigravity", "this", "idlelib", "lib2to3", "ensurepip", "tkinter", "turtle", "turtledemo", "venv", "zipapp"),
    *("curses", "readline", "dbm", "pydoc_data", "distutils"),
)

EXCLUDED = (
    *_TOOLS,
    *("_tkinter", "_curses", "pip", "setuptools", "pkg_resources", "wheel", "pytest", "IPython", "cffi"),
    *("Cython", "jinja2", "markupsafe", "sphinx", "myst_parser", "furo", "docutils", "babel", "bs4", "pygments"),
    # Libraries that torch, torchvision or numpy would use if they were there; the application never does
    *("matplotlib", "scipy", "pandas", "sklearn", "cupy", "numba", "h5py", "triton", "caffe2", "OpenGL"),
    *("onnx", "onnxscript", "onnxruntime", "tensorboard", "tqdm", "timm", "transformers", "captum", "torchlens", "ray"),
    *("open_clip", "huggingface_hub", "tokenizers", "joblib", "yaml", "rich", "pydantic"),
    # torch's compiler with the algebra it needs, 40 MB: nothing here compiles. The folder eager/ stands in for what
    # torch asks of it while nothing is compiled, so that optimisers and checkpointed models work.
    *("torch._dynamo", "torch._inductor", "sympy", "mpmath", "networkx", "functorch"),
    # Distributed training, builders of extensions, tests
    *("torch.utils.tensorboard", "torch.utils.benchmark", "torch.utils.bottleneck", "torch.utils.cpp_extension"),
    *("torch.utils.model_dump", "torch.utils.hipify", "torch.utils.viz", "torch.contrib"),
    *("torch.ao.pruning", "torch.ao.ns", "torch.distributed.pipelining", "torch.distributed.elastic"),
    *("torch.distributed.launcher", "torch.distributed.checkpoint", "torch.distributed.benchmarks"),
    *("torch.distributed.examples", "torch.distributed.flight_recorder", "torch.testing._internal.distributed"),
    *("torch.testing._internal.common_methods_invocations", "torch.testing._internal.opinfo"),
    # pyqtgraph: what no panel is made of
    *("pyqtgraph.examples", "pyqtgraph.opengl", "pyqtgraph.flowchart", "pyqtgraph.console"),
    # Qt: what a window of widgets with a camera does not touch
    *("PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtSql", "PySide6.QtDesigner"),
    *("PySide6.QtTest", "PySide6.QtWebEngineCore", "PySide6.QtMultimediaWidgets", "PySide6.scripts"),
    *("numpy.f2py", "numpy.testing", "numpy.distutils"),
)

# module: file in the folder eager/
STAND_INS = {
    "torch._dynamo": "_dynamo/__init__.py",
    "torch._dynamo.backends": "_dynamo/backends/__init__.py",
    "torch._dynamo.backends.registry": "_dynamo/backends/registry.py",
    "torch._dynamo.config": "_dynamo/config.py",
    "torch._dynamo.utils": "_dynamo/utils.py",
}

# Paths inside the application that no user of it needs (forward slashes).
_DROPPED = (
    r"^torch/(test|include|share)/",
    r"^torch/bin/(?!torch_shm_manager)",
    r"^torch/lib/.*(torchbind_test|jitbackend_test|backend_with_compiler|aoti_custom_ops)",
    r"^torch/.*\.lib$",  # import libraries of Windows
    r"^torchvision/python3\d+\.dll$",
    r"^PySide6/(Qt/)?translations/(?!qtbase_de\.qm$)",  # the languages of resources/locale
    r"^PySide6/.*plugins/(egldeviceintegrations|networkinformation|tls|qmltooling|sqldrivers|printsupport|generic)/",
    r"^PySide6/.*plugins/platforminputcontexts/.*virtualkeyboard",
    r"^PySide6/.*plugins/platforms/libq(eglfs|linuxfb|minimalegl|vkkhrdisplay|vnc)\.so",
    r"^PySide6/.*plugins/platformthemes/libqgtk3\.so",
    r"^PySide6/.*plugins/imageformats/.*q(pdf|tga|wbmp|icns)\.",
    r"^(PySide6/.*|lib)Qt6?(EglFS|EglFs|Qml|Quick|Pdf|VirtualKeyboard)",
    r"^PySide6/opengl32sw\.dll$",  # 20 MB of software OpenGL; the window is painted without OpenGL
    # only the gtk3 theme wanted these, and what they want in turn
    r"^lib(gio-2|gobject-2|gmodule-2|mount|blkid|selinux)[.-]",
    r"^lib(gtk-3|gdk-3|cairo|pango|atk|gdk_pixbuf)",
    r"^lib(harfbuzz|pixman-1|jpeg|graphite2|fribidi|thai|datrie)\.so",
    r"^PIL/_imagingtk\.",  # Tk is not there
    r"\.dist-info/(licenses/|LICENSE|RECORD|sboms?/)",  # the texts are in NOTICES.txt
)
_OPERATORS = (r"^torchvision\.libs/", r"^torchvision/.*\.(so|pyd|dll|dylib)$")

# `strip` breaks libraries that patchelf has moved about in (numpy.libs, some of Qt's): only these are known to be safe.
STRIPPED = (
    *("torch/lib/*.so*", "torch/bin/*", "libpython3*.so*", "python3*/lib-dynload/*.so", "lib-dynload/*.so"),
    *("av/**/*.so", "PIL/*.so", "safetensors/*.so"),
)


def standard_library() -> list[str]:
    """Top-level modules of Python itself that a person's model file may import, in order."""
    names = [name for name in sys.stdlib_module_names.difference(_TOOLS) if not name.startswith("_")]
    return sorted(name for name in names if importlib.util.find_spec(name) is not None)


def is_kept(path: str, operators: bool) -> bool:
    """Whether a file goes in. `operators`: torchvision's compiled ones fit the torch that is frozen."""
    plain = path.replace("\\", "/")
    patterns = _DROPPED if operators else (*_DROPPED, *_OPERATORS)
    return not any(re.search(pattern, plain) for pattern in patterns)


def has_operators(paths: Collection[str]) -> bool:
    """Whether the hook of torchvision has found compiled operators that fit."""
    return any(path.replace("\\", "/").startswith("torchvision/_C.") for path in paths)
