"""What goes into the frozen application and what stays out. Standard library only, so that it can be tested anywhere."""

from __future__ import annotations

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
)

EXCLUDED = (
    # Tools of people who build programs
    *("tkinter", "_tkinter", "idlelib", "turtledemo", "lib2to3", "pip", "ensurepip", "setuptools", "pkg_resources"),
    *("wheel", "pytest", "IPython", "cffi", "Cython", "jinja2", "markupsafe"),
    # Libraries that torch, torchvision or numpy would use if they were there; the application never does
    *("matplotlib", "scipy", "pandas", "sklearn", "cupy", "numba", "h5py", "triton", "caffe2", "OpenGL", "pyqtgraph"),
    *("onnx", "onnxscript", "onnxruntime", "tensorboard", "tqdm", "timm", "transformers", "captum", "torchlens"),
    # torch: the compiler's back ends, distributed training, builders of extensions. torch.compile and torch.export
    # do not work without them, and nothing here calls them.
    *("torch._inductor.codegen", "torch._inductor.kernel", "torch._inductor.autoheuristic"),
    *("torch._inductor.fx_passes", "torch._inductor.ir", "torch._inductor.scheduler", "torch._inductor.lowering"),
    *("torch._inductor.graph", "torch._inductor.compile_fx", "torch._inductor.select_algorithm"),
    *("torch._inductor.mkldnn_lowerings", "networkx"),
    *("torch.utils.tensorboard", "torch.utils.benchmark", "torch.utils.bottleneck", "torch.utils.cpp_extension"),
    *("torch.utils.model_dump", "torch.utils.hipify", "torch.utils.viz", "torch.contrib", "functorch"),
    *("torch.ao.pruning", "torch.ao.ns", "torch.distributed.pipelining", "torch.distributed.elastic"),
    *("torch.distributed.launcher", "torch.distributed.checkpoint", "torch.distributed.benchmarks"),
    *("torch.distributed.examples", "torch.distributed.flight_recorder", "torch.testing._internal.distributed"),
    *("torch.testing._internal.common_methods_invocations", "torch.testing._internal.opinfo"),
    # Qt: what a window of widgets with a camera does not touch
    *("PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtSql", "PySide6.QtPrintSupport", "PySide6.QtDesigner"),
    *("PySide6.QtTest", "PySide6.QtWebEngineCore", "PySide6.QtMultimediaWidgets", "PySide6.scripts"),
    *("numpy.f2py", "numpy.testing", "numpy.distutils"),
)

# Paths inside the application that no user of it needs (forward slashes).
_DROPPED = (
    r"^torch/(test|include|share)/",
    r"^torch/bin/(?!torch_shm_manager)",
    r"^torch/lib/.*(torchbind_test|jitbackend_test|backend_with_compiler|aoti_custom_ops)",
    r"^torch/.*\.lib$",  # import libraries of Windows
    r"^torchvision/python3\d+\.dll$",
    r"^PySide6/(Qt/)?translations/",
    r"^PySide6/.*plugins/(egldeviceintegrations|networkinformation|tls|qmltooling|sqldrivers|printsupport)/",
    r"^PySide6/.*plugins/platforminputcontexts/.*virtualkeyboard",
    r"^PySide6/.*plugins/platforms/libq(eglfs|linuxfb|minimalegl|vkkhrdisplay|vnc)\.so",
    r"^PySide6/.*plugins/platformthemes/libqgtk3\.so",
    r"^PySide6/.*plugins/imageformats/.*q(pdf|tga|wbmp|icns)\.",
    r"^PySide6/.*Qt6?(EglFS|EglFs|Qml|Quick|Pdf|VirtualKeyboard)",
    r"^PySide6/opengl32sw\.dll$",  # 20 MB of software OpenGL; the window is painted without OpenGL
    r"^(libgtk-3|libgdk-3|libcairo|libpango|libatk|libgdk_pixbuf)",  # only the gtk3 theme wanted them
)
_OPERATORS = (r"^torchvision\.libs/", r"^torchvision/.*\.(so|pyd|dll|dylib)$")

# `strip` breaks libraries that patchelf has moved about in (numpy.libs, some of Qt's): only these are known to be safe.
STRIPPED = (
    *("torch/lib/*.so*", "torch/bin/*", "libpython3*.so*", "python3*/lib-dynload/*.so", "lib-dynload/*.so"),
    *("av/**/*.so", "PIL/*.so", "safetensors/*.so"),
)


def standard_library() -> list[str]:
    """Top-level modules of Python itself that a person's model file may import, in order."""
    build_only = {"antigravity", "this", "idlelib", "lib2to3", "ensurepip", "tkinter", "turtle", "turtledemo", "venv"}
    names = sys.stdlib_module_names - build_only
    return sorted(name for name in names if not name.startswith("_"))


def is_kept(path: str, operators: bool) -> bool:
    """Whether a file goes in. `operators`: torchvision's compiled ones fit the torch that is frozen."""
    plain = path.replace("\\", "/")
    patterns = _DROPPED if operators else (*_DROPPED, *_OPERATORS)
    return not any(re.search(pattern, plain) for pattern in patterns)


def has_operators(paths: Collection[str]) -> bool:
    """Whether the hook of torchvision has found compiled operators that fit."""
    return any(path.replace("\\", "/").startswith("torchvision/_C.") for path in paths)
