"""The dotted names in a pickle: which belong to tensors, which are other values, and which only an attack needs."""

from __future__ import annotations

from collections.abc import Iterable

# What tensors and plain settings are made of.
_PLAIN = frozenset(
    {
        "collections.OrderedDict",
        "collections.defaultdict",
        "collections.Counter",
        "_codecs.encode",
        "torch.storage.UntypedStorage",
        "torch.serialization._get_layout",
        "copyreg._reconstructor",
        "copy_reg._reconstructor",
        *(
            f"{module}.{name}"
            for module in ("builtins", "__builtin__")
            for name in (
                "set",
                "frozenset",
                "dict",
                "list",
                "tuple",
                "object",
                "complex",
                "bytearray",
                "slice",
                "int",
                "str",
            )
        ),
    }
)
_PLAIN_PARTS = ("torch._utils._rebuild", "torch._tensor._rebuild", "torch.nn.parameter.", "numpy.core.", "numpy._core.")
# Nothing of a file is run here; but another program would run these, and nobody stores them by chance.
_MODULES = frozenset(
    "os posix nt posixpath ntpath sys subprocess shutil socket ctypes _ctypes importlib runpy pty commands code codeop "
    "pickle _pickle cPickle dill marshal types webbrowser pip ensurepip pdb bdb cProfile profile timeit trace idlelib "
    "multiprocessing asyncio signal threading _thread tempfile io _io builtins __builtin__ operator _operator "
    "urllib http ftplib smtplib telnetlib socketserver xmlrpc requests aiohttp httpx linecache inspect gc "
    "antigravity venv distutils setuptools zipimport pkgutil site lib2to3 doctest unittest nturl2path platform".split()
)
_FUNCTIONS = frozenset(
    {"torch.load", "torch.hub.load", "numpy.load", "numpy.f2py.crackfortran", "joblib.load", "pandas.eval"}
)
_WITHIN = frozenset(
    "os sys subprocess system popen eval exec __import__ __globals__ __builtins__ __subclasses__".split()
)
# Of those modules: what stands for values, and methods stored by name.
_HARMLESS = frozenset(
    {
        "types.SimpleNamespace",
        "types.MappingProxyType",
        "builtins.range",
        "builtins.getattr",
        "__builtin__.getattr",
        "__builtin__.xrange",
        "builtins.type",
        "builtins.bytes",
        "builtins.float",
        "builtins.bool",
        "__builtin__.unicode",
        "__builtin__.long",
        "operator.attrgetter",
        "operator.itemgetter",
        "operator.methodcaller",
        "builtins.Ellipsis",
        "builtins.NotImplemented",
        "builtins.print",
        "builtins.len",
        "builtins.sum",
        "builtins.min",
        "builtins.max",
        "builtins.abs",
        "builtins.round",
        "builtins.sorted",
        "platform.uname_result",
        "io.BytesIO",
        "_io.BytesIO",
        "io.StringIO",
        "_io.StringIO",
    }
)


def strange(names: Iterable[str]) -> tuple[str, ...]:
    """Those that are neither tensors nor plain settings, sorted."""
    return tuple(sorted(name for name in names if not _plain(name)))


def dangerous(names: Iterable[str]) -> tuple[str, ...]:
    """Those that only a file made to run code asks for, sorted."""
    return tuple(sorted(name for name in names if _dangerous(name)))


def _dangerous(name: str) -> bool:
    if name in _PLAIN or name in _HARMLESS or name.endswith(("Error", "Exception", "Warning")):
        return False
    module, *within = name.split(".")
    return name in _FUNCTIONS or module in _MODULES or bool(_WITHIN & set(within)) or "cpp_extension" in within


def listed(found: tuple[str, ...], most: int = 4) -> str:
    """The first of them, for a message."""
    return ", ".join(shown(each) for each in found[:most]) + (", …" if len(found) > most else "")


def shown(text: str, most: int = 100) -> str:
    """What a file says, for a message: its beginning, in one line."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:most])


def whole_model(names: Iterable[str]) -> bool:
    """Only a module saved as a whole names layer classes; optimisers and settings do not."""
    return any(name.startswith("torch.nn.modules.") for name in names)


def _plain(name: str) -> bool:
    # torch.float32, torch.Size, torch.FloatStorage; numpy.dtype: one dot and no more.
    short = name.startswith(("torch.", "numpy.")) and name.count(".") == 1
    return short or name in _PLAIN or name.startswith(_PLAIN_PARTS)
