"""All dialogs, as pictures to look at: `python tests/screens/dialogs_gallery.py`.

Writes tests/screens/out/dialog-NAME-THEME.png. No screen is needed."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from explorer.core.models import ModelSpec, Preprocess
from explorer.engine.models import catalogue
from explorer.engine.models.code_consent import content_hash
from explorer.engine.worker import Ready
from explorer.ui import theme
from explorer.ui.dialogs.about import AboutDialog
from explorer.ui.dialogs.consent import ConsentDialog
from explorer.ui.dialogs.model_dialog import ModelDialog
from explorer.ui.dialogs.parts import Dialog
from explorer.ui.dialogs.preprocess_dialog import PreprocessDialog
from explorer.ui.dialogs.settings_dialog import SettingsDialog

OUT = Path(__file__).parent / "out"
SOURCE = '''"""A small network of one's own."""

from torch import nn

PREPROCESS = {"height": 64, "width": 64, "resize": 64}
LABELS = ["cat", "horse"]


def make_model():
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, stride=2), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 2),
    )


def make_wider(width=32):
    return nn.Sequential(nn.Conv2d(3, width, 3), nn.ReLU())
'''


def files(folder: Path) -> tuple[Path, Path]:
    """A Python file, and a weights folder in which one model's file lies (an empty one: it is only listed)."""
    own = folder / "small_net.py"
    own.write_text(SOURCE)
    weights = folder / "weights"
    weights.mkdir()
    (weights / "mobilenet_v2-7ebf99e0.pth").touch()
    os.environ["FME_WEIGHTS"] = str(weights)
    os.environ["FME_HOME"] = str(folder / "home")
    return own, weights


def pages(own: Path) -> dict[str, Callable[[], Dialog]]:
    def searched() -> Dialog:
        dialog = ModelDialog(catalogue())
        dialog.models.search.setText("resnet")
        return dialog

    def wrong() -> Dialog:
        dialog = PreprocessDialog(replace(Preprocess(), height=160, width=320, fit="letterbox"), Preprocess())
        dialog.values.fields["std"][1].setText("0")
        dialog.values.fields["std"][1].textEdited.emit("0")
        return dialog

    ready = Ready((("cpu", "CPU"), ("cuda:0", "NVIDIA RTX 4070")), "cpu", 7, 8)
    source = own.read_bytes()
    return {
        "model": lambda: ModelDialog(catalogue(), ModelSpec("torchvision:mobilenet_v2")),
        "model-search": searched,
        "model-demo": lambda: ModelDialog(catalogue(), ModelSpec("demo:seeded")),
        "model-python": lambda: ModelDialog(catalogue(), ModelSpec(f"file:{own}:make_model")),
        "preprocess": lambda: PreprocessDialog(Preprocess(), Preprocess()),
        "preprocess-wrong": wrong,
        "preprocess-grey": lambda: PreprocessDialog(Preprocess(channels=1, mean=(0.5,), std=(0.5,)), Preprocess()),
        "consent": lambda: ConsentDialog(own, content_hash(source)),
        "consent-changed": lambda: ConsentDialog(own, "0" * 64),
        "settings": lambda: SettingsDialog(ready, "cuda:0", 7, 0, theme.current().name),
        "about": AboutDialog,
    }


def main() -> None:
    app = QApplication.instance() or QApplication([])
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        own, _ = files(Path(folder))
        for look in theme.THEMES.values():
            theme.apply(app, look)
            for name, build in pages(own).items():
                if len(sys.argv) > 1 and not name.startswith(sys.argv[1]):
                    continue
                dialog = build()
                dialog.show()
                app.processEvents()
                dialog.grab().save(str(OUT / f"dialog-{name}-{look.name}.png"))
                print(f"{name:18} {look.name:6} {dialog.width()} x {dialog.height()}")
                dialog.close()
                dialog.deleteLater()
                # now: a dialog that outlives the application takes the interpreter down with it
                app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


if __name__ == "__main__":
    main()
