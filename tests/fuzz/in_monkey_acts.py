"""What the monkey does to a window. Every act is a method whose name begins with `do_`; `WEIGHTS` says how often."""

from __future__ import annotations

import random
from typing import Any

import shiboken6
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QAction, QDropEvent, QGuiApplication, QImage, QKeyEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLineEdit, QMenu, QSlider, QWidget

from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec

_K, _M, _B = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton
_WALK = [_K.Key_Left, _K.Key_Right, _K.Key_Up, _K.Key_Down, _K.Key_PageUp, _K.Key_PageDown, _K.Key_Home, _K.Key_End]
_OTHER = [_K.Key_Space, _K.Key_Escape, _K.Key_Return, _K.Key_Tab, _K.Key_Plus, _K.Key_Minus, _K.Key_Question, _K.Key_F1]
_OTHER += [_K.Key_F5, _K.Key_Delete, _K.Key_Comma, _K.Key_Period, _K.Key_Backspace, _K.Key_Menu]
_KEYS = [
    Qt.Key(each) for each in (*range(_K.Key_A.value, _K.Key_Z.value + 1), *range(_K.Key_0.value, _K.Key_9.value + 1))
]
_KEYS += _WALK + _OTHER
_MODIFIERS = [_M.NoModifier] * 8 + [_M.ControlModifier] * 4 + [_M.ShiftModifier] * 3
_MODIFIERS += [_M.AltModifier, _M.ControlModifier | _M.ShiftModifier]
_WORDS = ["abc", "-5", "1e400", "nan", "999999999999999999999", "0", "", "  ", "<b>", "ünï", "1,5", "1.5", "/", "["]
_ENDS = ("quit", "close")  # words of what would end the session
DEMOS = [
    "shapes-cnn",
    "shapes-vit",
    "shapes-plain",
    "shapes-ssl-vit",
    "shapes-shortcut",
    "shapes-cnn-untrained",
    "seeded",
]
WEIGHTS = {
    "key": 22, "keys": 6, "click": 22, "double": 3, "drag": 6, "wheel": 8, "move": 6, "button": 12, "menu": 16,
    "model": 2, "given": 3, "paths": 2, "drop": 1.5, "workspace": 3, "compare": 1.5, "duplicate_live": 1.5, "live": 2,
    "page": 3, "resize": 1, "back": 3, "cancel": 1, "theme": 0.4, "seek": 1, "type": 2, "clipboard": 1, "session": 0.7,
    "slider": 2,
}  # fmt: skip


class Acts:
    """`told` hears what is done, before it is done."""

    def __init__(self, app: Any, files: dict[str, list[str]], seed: int, told: Any) -> None:
        self.app, self.files, self.tell = app, files, told
        self.window = app.main_window
        self.rng = random.Random(seed)
        every = [path for group in files.values() for path in group]
        self.paths = every
        python = files["python"]
        self.models = [ModelSpec(f"demo:{name}") for name in DEMOS]
        self.models += [ModelSpec(f"file:{path}:make_model") for path in python] + [ModelSpec("demo:none")]
        self.inputs = [
            InputRef("sample", "cat"),
            InputRef("sample", "shapes"),
            InputRef("scene"),
            InputRef("sample", "no"),
        ]
        self.inputs += [InputRef("picture", path) for path in files["pictures"][:3]]
        self.inputs += [InputRef("video", path, frame) for path in files["videos"] for frame in (0, 40)]

    def one(self) -> str:
        """Does something; its name."""
        name = self.rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        getattr(self, f"do_{name}")()
        return name

    # --- hands

    def _spot(self) -> tuple[QWidget, QPoint]:
        at = QPoint(self.rng.randrange(self.window.width()), self.rng.randrange(self.window.height()))
        found = self.window.childAt(at)
        return (found, found.mapFrom(self.window, at)) if found is not None else (self.window, at)

    def do_key(self) -> None:
        key, modifier = self.rng.choice(_KEYS), self.rng.choice(_MODIFIERS)
        if key in (_K.Key_Q, _K.Key_W, _K.Key_F4) and modifier & (_M.ControlModifier | _M.AltModifier):
            return
        held = QApplication.focusWidget() or self.window
        self.tell("key", key.name, modifier, type(held).__name__)
        QTest.keyClick(held, key, modifier)

    def do_keys(self) -> None:
        key, held = self.rng.choice(_WALK), QApplication.focusWidget() or self.window
        self.tell("keys", key.name, type(held).__name__)
        for _ in range(self.rng.randrange(5, 25)):
            if shiboken6.isValid(held):
                QTest.keyClick(held, key)
                self.app.qt.processEvents()

    def do_click(self) -> None:
        found, at = self._spot()
        self.tell("click", type(found).__name__, at.x(), at.y())
        button = self.rng.choice([_B.LeftButton] * 6 + [_B.RightButton, _B.MiddleButton])
        QTest.mouseClick(found, button, self.rng.choice(_MODIFIERS), at)

    def do_double(self) -> None:
        found, at = self._spot()
        self.tell("double", type(found).__name__)
        QTest.mouseDClick(found, _B.LeftButton, _M.NoModifier, at)

    def do_drag(self) -> None:
        found, at = self._spot()
        self.tell("drag", type(found).__name__)
        QTest.mousePress(found, _B.LeftButton, self.rng.choice(_MODIFIERS), at)
        for _ in range(6):
            at = at + QPoint(self.rng.randrange(-60, 60), self.rng.randrange(-60, 60))
            if shiboken6.isValid(found):
                QTest.mouseMove(found, at)
                self.app.qt.processEvents()
        if shiboken6.isValid(found):
            QTest.mouseRelease(found, _B.LeftButton, _M.NoModifier, at)

    def do_wheel(self) -> None:
        found, at = self._spot()
        self.tell("wheel", type(found).__name__)
        for _ in range(self.rng.randrange(1, 8)):
            turn = QPoint(self.rng.choice([0, 0, 120]), self.rng.choice([-120, 120, 240, -1200, 15]))
            where, phase = QPointF(at), Qt.ScrollPhase.NoScrollPhase
            keys = self.rng.choice(_MODIFIERS)
            event = QWheelEvent(where, QPointF(found.mapToGlobal(at)), QPoint(), turn, _B.NoButton, keys, phase, False)
            self.app.qt.sendEvent(found, event)

    def do_move(self) -> None:
        for _ in range(10):
            QTest.mouseMove(*self._spot())
            self.app.qt.processEvents()

    def do_button(self) -> None:
        shown = [each for each in self.window.findChildren(QAbstractButton) if each.isVisible() and each.isEnabled()]
        if shown:
            button = self.rng.choice(shown)
            self.tell("button", button.text(), button.accessibleName(), button.toolTip()[:40])
            button.click()

    def do_slider(self) -> None:
        shown = [each for each in self.window.findChildren(QSlider) if each.isVisible() and each.isEnabled()]
        if shown:
            slider = self.rng.choice(shown)
            self.tell("slider", slider.accessibleName())
            slider.setValue(self.rng.randint(slider.minimum(), slider.maximum()))

    def do_type(self) -> None:
        shown = [each for each in self.window.findChildren(QLineEdit) if each.isVisible() and each.isEnabled()]
        if shown:
            line, words = self.rng.choice(shown), self.rng.choice(_WORDS)
            self.tell("type", line.accessibleName(), words)
            line.setText(words)
            if shiboken6.isValid(line):
                QTest.keyClick(line, _K.Key_Return)

    def do_resize(self) -> None:
        self.window.resize(self.rng.choice([300, 800, 1280, 1900]), self.rng.choice([200, 600, 800, 1200]))

    # --- menus

    def entries(self, menu: QMenu) -> list[QAction]:
        """What can be chosen in a menu. Raises AssertionError where an entry is something else."""
        found = menu.actions()
        wrong = [type(each).__name__ for each in found if not isinstance(each, QAction)]
        assert not wrong, f"entries of a menu are {wrong}"
        ends = [each for each in found if any(word in each.text().lower() for word in _ENDS)]
        return [each for each in found if each.isEnabled() and not each.isSeparator() and each not in ends]

    def do_menu(self) -> None:
        menus = [each for each in self.window.findChildren(QMenu) if not each.isVisible()]
        menu = self.rng.choice(menus)
        owner = menu.parent()
        if isinstance(owner, QWidget) and not owner.isVisible():
            return
        self.tell("fill", type(owner).__name__)
        menu.aboutToShow.emit()
        found = self.entries(menu)
        if not found:
            return
        chosen = self.rng.choice(found)
        if (below := chosen.menu()) is not None:
            found = self.entries(below)
            chosen = self.rng.choice(found) if found else chosen
        self.tell("menu", chosen.text())
        chosen.trigger()

    # --- what a person asks for

    def do_model(self) -> None:
        spec = self.rng.choice(self.models)
        self.tell("model", spec.id)
        self.app.commands.open_model(spec)

    def do_given(self) -> None:
        ref = self.rng.choice(self.inputs)
        self.tell("input", ref)
        self.rng.choice([self.app.open_input, self.app.live.play])(ref)

    def do_paths(self) -> None:
        paths = self.rng.sample(self.paths, self.rng.randrange(1, 4))
        self.tell("paths", paths)
        self.app.open_files(paths)

    def do_drop(self) -> None:
        found, at = self._spot()
        paths = self.rng.sample(self.paths, self.rng.randrange(1, 3))
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(path) for path in paths])
        self.tell("drop", type(found).__name__, paths)
        drop = Qt.DropAction.CopyAction
        event = QDropEvent(QPointF(at), drop, data, _B.LeftButton, _M.NoModifier, QEvent.Type.Drop)
        while found is not None and not found.acceptDrops():
            found = found.parentWidget()
        if found is not None:
            self.app.qt.sendEvent(found, event)

    def do_workspace(self) -> None:
        name = self.rng.choice(["explore", "compare"])
        self.tell("workspace", name)
        self.app.turn_to(name)

    def do_compare(self) -> None:
        specs = tuple(self.rng.choice(self.models[:7]) for _ in range(self.rng.randrange(2, 5)))
        self.tell("compare", [spec.id for spec in specs])
        self.app.turn_to("compare")
        self.app.compare.start(specs)

    def do_duplicate_live(self) -> None:
        """Columns come and go while frames run through them."""
        compare = self.app.compare
        if not compare.doc.columns:
            return
        column = self.rng.choice(compare.doc.columns)
        act = self.rng.choice(["duplicate", "remove", "swap", "undo", "redo"])
        self.tell(act, column.key, self.app.live.playing)
        getattr(compare, act)(*(() if act in ("undo", "redo") else (column.key,)))

    def do_live(self) -> None:
        self.tell("live")
        self.app.live.toggle()

    def do_page(self) -> None:
        name = self.rng.choice(["values", "arithmetic", "attribution", "ablation", "maximise", "health", "attention"])
        self.tell("page", name)
        self.app.open_page(name)

    def do_back(self) -> None:
        self.tell("back or forward")
        self.rng.choice([self.app.history.back, self.app.history.forward])()

    def do_cancel(self) -> None:
        self.app.cancel()

    def do_theme(self) -> None:
        self.app.commands.appearance.toggle_theme()

    def do_seek(self) -> None:
        frame = self.rng.choice([0, 1, 50, 10**6, 10**9])
        self.tell("seek", frame)
        self.app.live.seek(frame)

    def do_clipboard(self) -> None:
        board, data = QGuiApplication.clipboard(), QMimeData()
        kind = self.rng.choice(["none", "text", "paths", "picture", "nothing", "null"])
        self.tell("clipboard", kind)
        if kind == "text":
            data.setText(self.rng.choice(_WORDS))
        elif kind == "paths":
            data.setText("\n".join(self.rng.sample(self.paths, 2)))
        elif kind in ("picture", "null"):
            data.setImageData(QImage(7, 5, QImage.Format.Format_RGB32) if kind == "picture" else QImage())
        if kind == "none":
            board.clear()
        else:
            board.setMimeData(data)
        self.app.commands.paste()

    def do_session(self) -> None:
        from explorer.core.session.session import from_json, to_json

        self.tell("session")
        self.app.restore(from_json(to_json(self.app.whole_session())))

    # --- what has come up over the window

    def answer(self) -> None:
        """Closes what is modal, after some keys in it."""
        popup, modal = QApplication.activePopupWidget(), QApplication.activeModalWidget()
        if popup is not None:
            if isinstance(popup, QMenu) and self.rng.random() < 0.4 and (found := self.entries(popup)):
                chosen = self.rng.choice(found)
                self.tell("popup", chosen.text())
                # not in here: a dialog that it opens would keep this timer from coming again
                QTimer.singleShot(0, lambda: chosen.trigger() if shiboken6.isValid(chosen) else None)
            popup.close()
        if modal is not None:
            self.tell("dialog", type(modal).__name__)
            self._in_dialog(modal)
        modal = QApplication.activeModalWidget()
        if isinstance(modal, QDialog):
            modal.accept() if self.rng.random() < 0.35 else modal.reject()
        elif modal is not None:
            modal.close()

    def _in_dialog(self, modal: QWidget) -> None:
        for _ in range(self.rng.randrange(4)):
            if not shiboken6.isValid(modal):
                return
            parts = [each for each in modal.findChildren(QWidget) if each.isVisible() and each.isEnabled()]
            if not parts:
                return
            part = self.rng.choice(parts)
            if isinstance(part, QLineEdit):
                part.setText(self.rng.choice(_WORDS))
                continue
            key = self.rng.choice([_K.Key_Up, _K.Key_Down, _K.Key_Space, _K.Key_Tab])
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                if shiboken6.isValid(part):
                    self.app.qt.sendEvent(part, QKeyEvent(kind, key, _M.NoModifier))
