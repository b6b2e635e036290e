"""What the camera sees, beneath the classes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHideEvent, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from explorer.core.arrays import Array
from explorer.core.translation import tr
from explorer.ui import theme
from explorer.ui.widgets.frames import Elided
from explorer.ui.widgets.nesting import nest

_HIGH = 108
_PREVIEW = tr("Opens the camera and shows what it sees; without it the camera is open only while a button is held")
_REMOVE = tr(
    "Takes the pictures of the last burst out of the data set: into the trash, or into a hidden folder beside them"
)


class CameraSight(QWidget):
    """A picture as large as there is room, with words while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("What the camera sees"))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._image: QImage | None = None
        self._framed = False

    def set_pixels(self, pixels: Array | None) -> None:
        """(H, W, 3) uint8; None: nothing has come yet."""
        if pixels is None:
            self._image = None
        else:
            high, wide = pixels.shape[:2]
            whole = QImage(pixels.data, wide, high, 3 * wide, QImage.Format.Format_RGB888)
            room = self.size() * self.devicePixelRatioF()
            self._image = whole.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)  # a copy
        self.update()

    def set_framed(self, on: bool) -> None:
        """Marked while its pictures are kept."""
        self._framed = on
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(0, _HIGH)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, now = QPainter(self), theme.current()
        painter.fillRect(self.rect(), QColor(now.control))
        place = self.rect()
        if self._image is not None:
            size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRect(
                (self.width() - size.width()) // 2, (self.height() - size.height()) // 2, size.width(), size.height()
            )
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(place, self._image)
        else:
            painter.setPen(QColor(now.dim))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, tr("The camera is starting …"))
        if self._framed:
            painter.setPen(QColor(now.error))
            painter.drawRect(place.adjusted(0, 0, -1, -1))
            painter.drawRect(place.adjusted(1, 1, -2, -2))


class CameraStrip(QWidget):
    """`preview_turned` says that the camera is to be opened or closed, `cameras_asked` that `set_cameras` is to be called for the menu,
    `removed` that the last burst is to be taken out."""

    preview_turned = Signal(bool)
    cameras_asked = Signal()
    camera_chosen = Signal(str)
    removed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sight, self.words = CameraSight(), Elided()
        self.preview, self.remove = QPushButton(tr("Camera")), QPushButton(tr("Delete last burst"))
        self.preview.setCheckable(True)
        self.preview.setToolTip(_PREVIEW)
        self.choose, self.menu = QToolButton(), QMenu(self)
        self.choose.setText("▾")
        self.choose.setToolTip(tr("Which camera"))
        self.choose.setAccessibleName(tr("Which camera"))
        self.choose.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.choose.setMenu(self.menu)
        self.menu.aboutToShow.connect(self.cameras_asked)
        for button in (self.preview, self.remove):
            button.setAutoDefault(False)
            button.setProperty("small", "true")
        row = QHBoxLayout()
        row.setSpacing(theme.current().tight)
        row.addWidget(self.preview)
        row.addWidget(self.choose)
        row.addStretch(1)
        row.addWidget(self.remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().tight)
        column.addWidget(self.sight)
        column.addWidget(self.words)
        nest(column, row)
        self._capturing = ""
        self.preview.clicked.connect(self.preview_turned)
        self.remove.clicked.connect(self.removed)
        self.set_last_burst("")
        self._show()

    def set_pixels(self, pixels: Array | None) -> None:
        """What the camera sees; None: it is closed, or nothing has come yet."""
        self.sight.set_pixels(pixels)

    def set_previewing(self, on: bool) -> None:
        """Whether the camera is open without a burst."""
        self.preview.setChecked(on)
        self._show()

    def set_capturing(self, label: str, count: int) -> None:
        """Pictures of a burst that is held; "" for none."""
        self._capturing = label
        pictures = tr("1 picture") if count == 1 else tr("{count} pictures", count=count)
        self.words.set_text(f"{label}: {pictures}" if label else "")
        self._show()

    def set_cameras(self, cameras: Sequence[tuple[str, str]], now: str) -> None:
        """(id, title) of those that can be chosen; the first is taken where none was."""
        self.menu.clear()
        ids = [device for device, _title in cameras]
        for device, title in cameras:
            entry = self.menu.addAction(title)
            entry.setCheckable(True)
            entry.setChecked(device == (now if now in ids else ids[0]))
            entry.triggered.connect(partial(self._choose, device))
        if not cameras:
            self.menu.addAction(tr("No camera is connected")).setEnabled(False)

    def _choose(self, device: str, *_: object) -> None:
        self.camera_chosen.emit(device)

    def set_last_burst(self, words: str) -> None:
        """The burst that can be taken out; "" for none."""
        self.remove.setVisible(bool(words))
        self.remove.setToolTip(f"{_REMOVE}: {words}" if words else _REMOVE)
        self.remove.setAccessibleName(tr("Delete last burst, {words}", words=words))

    def _show(self) -> None:
        capturing = bool(self._capturing)
        self.sight.set_framed(capturing)
        self.words.setVisible(capturing)
        self.sight.setVisible(capturing or self.preview.isChecked())

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self.preview.isChecked() and not event.spontaneous():  # another workspace: nobody is watched unseen
            self.preview.setChecked(False)
            self.preview_turned.emit(False)
