"""PySide asks of every module whether its source names it; pyqtgraph takes the names of Qt."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from types import ModuleType

import pytest

from explorer.ui import pyside_modules


@pytest.mark.parametrize("name", ["json", "sys", "_json", "explorer.ui.actions", "explorer.core.errors", "numpy"])
def test_the_answer_is_that_of_the_source(name: str) -> None:
    module = __import__(name, fromlist=["x"])
    try:
        expected = "PySide6" in inspect.getsource(module)
    except (TypeError, OSError):
        expected = False
    assert pyside_modules.names_pyside(module) is expected


def test_a_module_without_a_source_names_nothing(tmp_path) -> None:
    module = ModuleType("none")
    assert not pyside_modules.names_pyside(module)
    module.__file__ = str(tmp_path / "gone.py")
    assert not pyside_modules.names_pyside(module)


_QT = """
import json
from PySide6 import QtCore, QtGui, QtWidgets
before = {m.__name__: sorted(m.__dict__.keys() & {"__dir__", "__getattr__"}) for m in (QtCore, QtGui, QtWidgets)}
from explorer.ui.graphics.setup import pg
from pyqtgraph.Qt import QtCore as core, QtGui as gui, QtWidgets as widgets
pairs = ((core, QtCore), (gui, QtGui), (widgets, QtWidgets))
different = [n for own, qt in pairs for n in dir(qt) if not n.startswith("_") and getattr(own, n) is not getattr(qt, n)]
try:
    core.Nothing
except AttributeError as error:
    told = str(error)
after = {m.__name__: sorted(m.__dict__.keys() & {"__dir__", "__getattr__"}) for m in (QtCore, QtGui, QtWidgets)}
names = [len(dir(m)) > 100 for m in (QtCore, QtGui, QtWidgets)]
print(json.dumps([different, told, before == after, names]))
"""


def test_pyqtgraph_has_the_names_of_qt_and_leaves_qt_as_it_was() -> None:
    told = subprocess.run([sys.executable, "-c", _QT], capture_output=True, text=True, check=True).stdout
    different, missing, same, names = json.loads(told)
    assert different == []
    assert "Nothing" in missing
    assert same
    assert names == [True, True, True]
