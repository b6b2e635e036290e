"""timm, transformers and ONNX Runtime, which need not be installed: whether they are, how they come, how they are imported."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from threading import RLock
from types import ModuleType

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr


@dataclass(frozen=True, slots=True)
class Extra:
    """A source that is optional: the prefix of its models, its package, and what pip calls the extra."""

    prefix: str
    package: str
    name: str
    also: tuple[str, ...] = ()  # other packages that come with the extra
    of_torch: bool = True  # whether it imports torch and torchvision itself

    @property
    def installed(self) -> bool:
        """Without importing it."""
        return all(name in sys.modules or find_spec(name) is not None for name in (self.package, *self.also))

    @property
    def way(self) -> str:
        """How it comes, "" where it is there."""
        if self.installed:
            return ""
        if getattr(sys, "frozen", False):
            return tr(
                "Packaged applications do not include it: install from source, with the extra [{name}].", name=self.name
            )
        return f"pip install feature-map-explorer[{self.name}]"


TIMM = Extra("timm", "timm", "timm")
HF = Extra("hf", "transformers", "hf")
ONNX = Extra("onnx", "onnxruntime", "onnx", also=("onnx",), of_torch=False)
EXTRAS = {extra.prefix: extra for extra in (TIMM, HF, ONNX)}
_lock = RLock()


def load(extra: Extra) -> ModuleType:
    """The package, imported at the first call. Raises ExplorerError with the way to install it, or what its import says."""
    if extra.way:
        raise ExplorerError(
            tr("{package} is not installed.", package=extra.package), tr("Models of this source need it."), extra.way
        )
    try:
        with _lock:
            return _imported(extra.package) if extra.of_torch else importlib.import_module(extra.package)
    except Exception as error:  # noqa: BLE001 - a package that fits nothing else here may fail in any way
        why = f"{type(error).__name__}: {(str(error).splitlines()[0] if str(error) else tr('no message'))}."
        todo = tr(
            "Install it again: pip install --force-reinstall {package}, in a version that fits.", package=extra.package
        )
        raise ExplorerError(tr("{package} cannot be imported.", package=extra.package), why, todo) from None


def _imported(package: str) -> ModuleType:
    from explorer.engine.models.torchvision_compat import import_torchvision

    import_torchvision()  # both import it themselves, and fail where its operators are not declared first
    return importlib.import_module(package)


@contextmanager
def silent() -> Iterator[None]:
    """transformers without its progress bars and reports on the terminal; as it was afterwards."""
    from transformers.utils import logging

    bars, level = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
