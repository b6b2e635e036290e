"""The layer strip: a film of small pictures, one a tap in execution order, that is scrubbed through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPixmap, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.core.types import Array
from explorer.ui.widgets import text
from explorer.ui.widgets.canvas import Canvas, ask_pen, outline, to_image
from explorer.ui.widgets.film import GAP, Film
from explorer.ui.widgets.wheel import WheelSteps

_LEAST, _MOST = 16.0, 56.0  # width of a thumbnail
_NAMES, _LINE = 18, 22  # heights of the stage names and of the slider
_KNOB = 6.0
_PAGE = 10
_WIDEST = 30_000  # device pixels of the film that is kept painted; Qt's limit is 32,767


@dataclass(frozen=True, slots=True, eq=False)
class StripItem:
    """One tap: its name, a small (H, W, 3) or 32-bit picture if there is one, and why not if it cannot be shown."""

    name: str
    image: Array | None = None
    stage: str = ""
    kind: str = ""
    shape: tuple[int, ...] = ()
    enabled: bool = True
    reason: str = field(default="", repr=False)

    @property
    def tip(self) -> str:
        lines = [self.name, "  ".join(part for part in (self.kind, text.shape(self.shape)) if part), self.reason]
        return "\n".join(line for line in lines if line)


class LayerStrip(Canvas):
    """Emits `scrubbed(index)` for the tap that a person goes to. Keys, wheel and drag pass over taps that cannot be shown;
    a click on one goes there all the same, so that its reason can be read."""

    scrubbed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Layers", "The layers of the model appear here.", parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._items: list[StripItem] = []
        self._images: list[QImage | None] = []
        self._stages: list[tuple[str, int, int]] = []  # name, first, last
        self._current = 0
        self._hover: int | None = None
        self._row: QPixmap | None = None  # the whole film, painted once: scrubbing only moves it
        self._row_for: tuple[object, ...] = ()
        self._short: dict[tuple[str, int], str] = {}
        self._wheel = WheelSteps()
        self._grip = ""  # what is being dragged: "line", "film" or nothing

    # ---- setters

    def set_items(self, items: Sequence[StripItem], current: int = 0) -> None:
        self._items = list(items)
        self._images = [None if item.image is None else to_image(item.image) for item in items]
        self._row, self._stages = None, []
        for stage, group in groupby(enumerate(items), key=lambda pair: pair[1].stage):
            indices = [index for index, _ in group]
            self._stages.append((stage, indices[0], indices[-1]))
        self._hover, self._current = None, -1
        self.set_current(current)

    def set_current(self, index: int) -> None:
        """Frames a tap and brings it into sight; emits nothing."""
        index = min(max(index, 0), max(len(self._items) - 1, 0))
        if index == self._current:
            return
        self._current = index
        item = self._items[self._current] if self._items else None
        self.setAccessibleDescription(
            f"{item.name}, layer {self._current + 1} of {len(self._items)}" if item else self._empty
        )
        self.update()

    def update_image(self, index: int, image: Array) -> None:
        """A new picture for one tap."""
        self._images[index] = to_image(image)
        if self._row is not None:
            painter = QPainter(self._row)
            self._draw_item(painter, index, self._film)
            painter.end()
        place = self._place(index)
        self.update(place.toAlignedRect().adjusted(-2, -2, 2, 2))

    @property
    def current(self) -> int:
        return self._current

    # ---- places

    @property
    def _film(self) -> Film:
        return Film(len(self._items), self.width() - 2 * _KNOB, _LEAST, _MOST, self._current)

    @property
    def _film_height(self) -> float:
        return max(self.height() - _NAMES - _LINE, 8)

    def _place(self, index: int) -> QRectF:
        film = self._film
        return QRectF(_KNOB + film.left(index), _NAMES, film.pitch - GAP, self._film_height)

    def index_at(self, at: QPointF) -> int | None:
        """The tap at a point of the film (not of the slider)."""
        if not _NAMES <= at.y() <= _NAMES + self._film_height:
            return None
        return self._film.at(at.x() - _KNOB)

    # ---- painting

    def draw(self, painter: QPainter) -> None:
        if not self._items:
            self.draw_empty(painter)
            return
        film = self._film
        painter.setClipRect(QRectF(0, 0, self.width(), self.height()))
        self._draw_stages(painter, film)
        self._draw_row(painter, film)
        if self._hover is not None:
            outline(painter, self._place(self._hover), self.theme.warm, 1.5)
        outline(painter, self._place(self._current).adjusted(-1, -1, 1, 1), self.theme.accent, 2.5)
        self._draw_line(painter)

    def _draw_row(self, painter: QPainter, film: Film) -> None:
        scale = self.devicePixelRatioF()
        if film.count * film.pitch * scale > _WIDEST:
            painter.save()
            painter.translate(_KNOB - film.offset, _NAMES)
            for index in film.visible():
                self._draw_item(painter, index, film)
            painter.restore()
            return
        row = self._painted_row(film, scale)
        shown = QRectF(0, _NAMES, self.width(), self._film_height)
        painter.drawPixmap(shown, row, QRectF((film.offset - _KNOB) * scale, 0, self.width() * scale, row.height()))

    def _painted_row(self, film: Film, ratio: float) -> QPixmap:
        wanted = (film.pitch, self._film_height, ratio, self.theme.name)
        if self._row is None or self._row_for != wanted:
            row = QPixmap(int((film.count * film.pitch + GAP) * ratio) + 1, int(self._film_height * ratio))
            row.setDevicePixelRatio(ratio)
            row.fill(QColor(self.theme.panel))
            painter = QPainter(row)
            for index in range(film.count):
                self._draw_item(painter, index, film)
            painter.end()
            self._row, self._row_for = row, wanted
        return self._row

    def _draw_item(self, painter: QPainter, index: int, film: Film) -> None:
        """One thumbnail, in the coordinates of the row."""
        place = QRectF(index * film.pitch, 0, film.pitch - GAP, self._film_height)
        image, item = self._images[index], self._items[index]
        if image is None or image.isNull() or not item.enabled:
            painter.fillRect(place, QColor(self.theme.control))
            if not item.enabled:
                painter.fillRect(place, QBrush(QColor(self.theme.off), Qt.BrushStyle.BDiagPattern))
            return
        # the middle of the picture, as much as the thumbnail is wide: squeezed maps would lie
        source = QRectF(image.rect())
        wanted = source.height() * place.width() / place.height()
        if wanted < source.width():
            source = QRectF(0, 0, wanted, source.height())
        else:
            source.setHeight(source.width() * place.height() / place.width())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(place, image, source)

    def _draw_stages(self, painter: QPainter, film: Film) -> None:
        painter.setFont(self.small_font())
        for name, first, last in self._stages:
            left, right = _KNOB + film.left(first), _KNOB + film.left(last) + film.pitch - GAP
            if right < 0 or left > self.width() or not name:
                continue
            left, right = max(left, 0.0), min(right, float(self.width()))
            current = first <= self._current <= last
            painter.setPen(ask_pen(self.theme.accent if current else self.theme.off, 1))
            base = _NAMES - 3.5
            painter.drawPolyline(
                [QPointF(left, base + 2), QPointF(left, base), QPointF(right, base), QPointF(right, base + 2)]
            )
            room = QRectF(left + 2, 0, right - left - 2, _NAMES - 4)
            short = self._shortened(painter, name, int(room.width()))
            painter.setPen(QColor(self.theme.text if current else self.theme.dim))
            if len(short) > 2 or short == name:
                painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, short)

    def _shortened(self, painter: QPainter, name: str, room: int) -> str:
        """Stage names keep their width while the film is scrubbed: each is measured once."""
        key = (name, room)
        if key not in self._short:
            if len(self._short) > 500:
                self._short.clear()
            self._short[key] = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, room)
        return self._short[key]

    def _draw_line(self, painter: QPainter) -> None:
        y, width = self.height() - _LINE / 2, self.width() - 2 * _KNOB
        share = self._current / max(len(self._items) - 1, 1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(Qt.PenStyle.NoPen)
        for length, colour in ((width, self.theme.track), (width * share, self.theme.accent)):
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(QRectF(_KNOB, y - 2, length, 4), 2, 2)
        painter.drawEllipse(QPointF(_KNOB + width * share, y), _KNOB, _KNOB)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    # ---- hands

    def _go(self, index: int, direct: bool = False) -> None:
        if not self._items or not 0 <= index < len(self._items) or index == self._current:
            return
        if direct or self._items[index].enabled:
            self.set_current(index)
            self.scrubbed.emit(index)

    def step(self, steps: int) -> None:
        """That many taps deeper (negative: shallower), not counting those that cannot be shown; stays at the ends."""
        index, direction, found = self._current, 1 if steps > 0 else -1, self._current
        for _ in range(abs(steps)):
            index += direction
            while 0 <= index < len(self._items) and not self._items[index].enabled:
                index += direction
            if not 0 <= index < len(self._items):
                break
            found = index
        self._go(found)

    def page(self, direction: int) -> None:
        """To the next or previous stage; in a model without stages ten taps."""
        if len(self._stages) < 2:
            self.step(direction * _PAGE)
            return
        at = next(n for n, (_, first, last) in enumerate(self._stages) if first <= self._current <= last)
        if direction < 0 and self._current > self._stages[at][1]:
            direction = 0
        _, first, last = self._stages[min(max(at + direction, 0), len(self._stages) - 1)]
        self._go(next((i for i in range(first, last + 1) if self._items[i].enabled), first))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key
        steps = {key.Key_Left: -1, key.Key_Up: -1, key.Key_Right: 1, key.Key_Down: 1}
        pressed = key(event.key())
        if pressed in steps:
            self.step(steps[pressed])
        elif pressed in (key.Key_PageUp, key.Key_PageDown):
            self.page(1 if pressed == key.Key_PageDown else -1)
        elif pressed in (key.Key_Home, key.Key_End):
            self.step(len(self._items) * (-1 if pressed == key.Key_Home else 1))
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.step(self._wheel.steps(event))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        index = self.index_at(event.position())
        self._grip = "line" if event.position().y() > _NAMES + self._film_height else "film"
        if self._grip == "film" and index is not None:
            self._go(index, direct=True)
        elif self._grip == "line":
            self._go(self._film.on_line(event.position().x() - _KNOB))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip == "line":
            self._go(self._film.on_line(event.position().x() - _KNOB))
            return
        index = self.index_at(event.position())
        if self._grip == "film" and index is not None:
            self._go(index)
        if index != self._hover:
            self._hover = index
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = ""
        super().mouseReleaseEvent(event)

    def forget_pointer(self) -> None:
        self._hover = None

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            index = self.index_at(QPointF(event.pos()))
            if index is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self._items[index].tip, self)
            return True
        return super().event(event)

    def sizeHint(self) -> QSize:
        return QSize(800, _NAMES + 48 + _LINE)
