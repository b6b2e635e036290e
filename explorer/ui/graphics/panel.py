"""What every panel shares: a view box with zoom and pan that cannot lose the picture, an empty state, a read-out, keys, a menu."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAction,
    QContextMenuEvent,
    QFont,
    QNativeGestureEvent,
    QPainterPath,
    QResizeEvent,
)
from PySide6.QtWidgets import QGraphicsPathItem, QLabel, QSizePolicy, QWidget

from explorer.core.figure.figure_parts import FigurePart
from explorer.ui import text_size, theme
from explorer.ui.graphics.items import ReadOut, cosmetic_pen
from explorer.ui.graphics.setup import pg
from explorer.ui.widgets.accessible_role import has_role
from explorer.ui.widgets.context_request import ask_for_menu
from explorer.ui.widgets.enlarged import EnlargeRequest
from explorer.ui.widgets.figure_request import ask_figure
from explorer.ui.widgets.wheel import WheelSteps

MAX_ZOOM = 64.0
ZOOM_STEP = 1.25
# (down, right) of an arrow key
ARROWS = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
has_role(pg.GraphicsView, QAccessible.Role.Graphic)
_BY_KEYS = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)


class PanelBox(pg.ViewBox):
    """A ViewBox whose picture cannot be lost. `home` is what is seen at zoom 1, `content` where the picture lies in it.

    The wheel emits `scrubbed` (whole steps, positive is deeper), Ctrl + wheel zooms, a drag moves a zoomed picture or emits
    `dragged`, a click emits `clicked`. All points are in the view's units."""

    scrubbed = Signal(int)
    clicked = Signal(QPointF)
    double_clicked = Signal(QPointF)
    dragged = Signal(QPointF, QPointF, bool)  # from, to, whether it is over
    moved = Signal()  # zoom or place has changed

    def __init__(self, upward: bool = False) -> None:
        """`upward`: the second axis grows upwards, as in a plot, and not downwards, as in a picture."""
        super().__init__(enableMenu=False, invertY=not upward, defaultPadding=0.0)
        self.home, self.content = QRectF(0, 0, 1, 1), QRectF(0, 0, 1, 1)
        self.zoom = 1.0
        self.draws = False  # whether a drag draws something (`dragged`) instead of moving the picture
        self.scrubs = True  # whether the wheel is taken; else what the panel stands in scrolls
        self._wheel = WheelSteps()
        self.disableAutoRange()
        self.setMouseEnabled(False, False)

    def set_home(self, home: QRectF, content: QRectF, keep: bool = False) -> bool:
        """What is seen at zoom 1, and where the picture lies; `keep`: zoom and place stay as far as they can. Whether something
        else is seen now (`moved` was emitted)."""
        same = (home, content) == (self.home, self.content)
        if same and (keep or (self.zoom == 1.0 and self.seen == home)):
            self.updateMatrix()  # it may have another size
            return False
        centre = self.seen.center() if keep and self.zoom > 1 else home.center()
        self.home, self.content = QRectF(home), QRectF(content)
        self.zoom = self.zoom if keep else 1.0
        return self._show(centre)

    @property
    def seen(self) -> QRectF:
        """What is seen of the view, in its own units."""
        (x0, x1), (y0, y1) = self.viewRange()
        return QRectF(x0, y0, x1 - x0, y1 - y0)

    def fit(self) -> None:
        """Back to the whole picture."""
        self.zoom = 1.0
        self._show(self.home.center())

    def zoom_by(self, factor: float, around: QPointF) -> None:
        """Enlarges so that the point `around` stays where it is."""
        wanted = min(max(self.zoom * factor, 1.0), MAX_ZOOM)
        ratio, self.zoom = self.zoom / wanted, wanted
        self._show(around + (self.seen.center() - around) * ratio)

    def move_by(self, shift: QPointF) -> None:
        """Moves what is seen, at most to the picture's edges."""
        self._show(self.seen.center() + shift)

    def bring_into_sight(self, rect: QRectF) -> None:
        """Moves just so far that a rectangle is seen."""
        seen = self.seen
        x = max(rect.right() - seen.right(), 0.0) + min(rect.left() - seen.left(), 0.0)
        y = max(rect.bottom() - seen.bottom(), 0.0) + min(rect.top() - seen.top(), 0.0)
        if x or y:
            self.move_by(QPointF(x, y))

    def _show(self, centre: QPointF) -> bool:
        width, height = self.home.width() / self.zoom, self.home.height() / self.zoom
        x = _clamped(centre.x(), width, self.content.left(), self.content.right(), self.home.center().x())
        y = _clamped(centre.y(), height, self.content.top(), self.content.bottom(), self.home.center().y())
        rect = QRectF(x - width / 2, y - height / 2, width, height)
        other = rect != self.seen
        if other:
            self.setRange(rect, padding=0, disableAutoRange=True)
        self.updateMatrix()  # pyqtgraph would do it while painting, which paints everything once more
        if other:
            self.moved.emit()
        return other

    # --- pyqtgraph's names

    def wheelEvent(self, event: Any) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(ZOOM_STEP ** (event.delta() / 120), self.mapToView(event.pos()))
        elif self.scrubs:
            steps = self._wheel.of(-event.delta())
            if steps:
                self.scrubbed.emit(steps)
        else:
            event.ignore()
            return
        event.accept()

    def mouseClickEvent(self, event: Any) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        event.accept()
        at = self.mapToView(event.pos())
        (self.double_clicked if event.double() else self.clicked).emit(at)

    def mouseDragEvent(self, event: Any) -> None:
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            event.ignore()
            return
        event.accept()
        here, before = self.mapToView(event.pos()), self.mapToView(event.lastPos())
        if self.draws and event.button() == Qt.MouseButton.LeftButton:
            self.dragged.emit(self.mapToView(event.buttonDownPos()), here, event.isFinish())
        elif self.zoom > 1:
            self.move_by(before - here)


def _clamped(centre: float, size: float, first: float, last: float, home: float) -> float:
    """The centre of what is seen: the picture's own where all of it is seen, else not beyond its edges."""
    if size >= last - first:
        return home
    return min(max(centre, first + size / 2), last - size / 2)


class Panel(pg.GraphicsView):
    """One picture or plot with its name, its empty state and its hands. `left`: the pointer went away.

    Subclasses implement `point` (what lies under the pointer, None: it is away) and connect to the signals of `box`."""

    left = Signal()

    _begun = False  # pyqtgraph resizes a view while it is being made
    _empty: bool | None = None  # whether the empty state is shown

    def __init__(self, name: str, empty: str = "", parent: QWidget | None = None, box: PanelBox | None = None) -> None:
        super().__init__(parent, background=None)
        self.box = PanelBox() if box is None else box
        if box is None:
            self.setCentralItem(self.box)
        self._ring = QGraphicsPathItem()  # shows that the keys are here
        self._ring.setZValue(1000)
        self._ring.hide()
        self.scene().addItem(self._ring)
        self.message = QLabel(empty, self)
        self.message.setObjectName("dim")
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.read_out = ReadOut()
        self.box.addItem(self.read_out, ignoreBounds=True)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setViewportUpdateMode(pg.GraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # what is beneath need not be painted
        self.scene().sigMouseMoved.connect(self._moved)
        self.box.moved.connect(self.moved)
        self.box.double_clicked.connect(self._double_clicked)
        self.pair = ""  # the name of what it is seen beside when it is enlarged: a part of the window
        self.offer("Enlarge", self.enlarge, "E")
        self.setBackground(self.theme.panel)

    def begin(self, empty: bool = True) -> None:
        """The last line of every constructor: from now on sizes count. `empty`: the empty state is shown."""
        self._begun = True
        self.offer("Copy figure and values", self._copy_figure, "Ctrl+C")
        self.offer("Export figure …", self._export_figure, "Ctrl+Shift+E")
        if type(self).figure_part is not Panel.figure_part:
            self.offer("Export this panel …", self._export_panel)
        self.show_message(empty)

    def _copy_figure(self) -> None:
        ask_figure(self, copied=True)

    def _export_figure(self) -> None:
        ask_figure(self)

    def _export_panel(self) -> None:
        part = self.figure_part
        if part is not None:
            ask_figure(self, alone=part)

    @property
    def figure_part(self) -> FigurePart | None:
        """What it shows, for a figure of it alone; None while there is nothing. Panels without one are part of their page's figure."""
        return None

    # --- what is shown

    @property
    def theme(self) -> theme.Theme:
        return theme.current()

    def set_empty(self, text: str) -> None:
        """What the panel says while it has nothing to show: what to do next."""
        self.message.setText(text)

    def show_message(self, on: bool) -> None:
        """Whether the empty state stands in the panel's place."""
        if on == self._empty:
            return
        self._empty = on
        self.message.setVisible(on)
        self.centralWidget.setVisible(not on)
        if on:
            self.read_out.hide()

    @property
    def ringed(self) -> bool:
        """Whether it has a frame, for somebody who came by keyboard."""
        return self._ring.isVisible()

    def small_font(self, pixels: int = 11) -> QFont:
        """The panel's font, smaller."""
        font = QFont(self.font())
        font.setPixelSize(text_size.px(pixels))
        return font

    def offer(self, title: str, callback: Any, keys: str = "") -> QAction:
        """A line of the panel's menu."""
        action = QAction(title, self)
        if keys:
            action.setText(f"{title}\t{keys}")  # shown, not bound: the key belongs to the panel that has the focus
        action.triggered.connect(callback)
        self.addAction(action)
        return action

    def enlarge(self) -> None:
        """Asks the window to show it large."""
        QCoreApplication.sendEvent(self.window(), EnlargeRequest(self))

    def _double_clicked(self) -> None:
        """Shows all of a picture that is zoomed into; else it large."""
        if self.box.zoom > 1:
            self.box.fit()
        elif not self._empty:
            self.enlarge()

    # --- from the view to the screen and back

    @property
    def area(self) -> QRectF:
        """Where the view is in the widget: all of it, beside axes less."""
        return QRectF(self.viewport().rect())

    @property
    def scale_of_view(self) -> tuple[float, float]:
        """Logical pixels of the screen for a unit of the view: down and across."""
        seen, area = self.box.seen, self.area
        return area.height() / max(seen.height(), 1e-30), area.width() / max(seen.width(), 1e-30)

    def on_screen(self, rect: QRectF) -> QRectF:
        """A rectangle of the view in the widget."""
        (down, across), seen, area = self.scale_of_view, self.box.seen, self.area
        x, y = area.x() + (rect.x() - seen.x()) * across, (rect.y() - seen.y()) * down
        if not self.box.yInverted():
            y = area.height() - y - rect.height() * down
        return QRectF(x, area.y() + y, rect.width() * across, rect.height() * down)

    def in_view(self, at: QPointF) -> QPointF:
        """A point of the widget in the view."""
        (down, across), seen, area = self.scale_of_view, self.box.seen, self.area
        y = at.y() - area.y() if self.box.yInverted() else area.bottom() - at.y()
        return QPointF(seen.x() + (at.x() - area.x()) / across, seen.y() + y / down)

    # --- hands

    def point(self, at: QPointF | None) -> None:
        """The pointer is at a point of the view; None: it went away."""

    def _moved(self, scene: QPointF) -> None:
        if self.centralWidget.isVisible():
            self.point(self.in_view(QPointF(self.mapFromScene(scene))))

    def leaveEvent(self, event: Any) -> None:
        if self._begun:
            self.point(None)
            self.left.emit()
        super().leaveEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.box.zoom_by(1 + event.value(), self.in_view(event.position()))
            return True
        return bool(super().viewportEvent(event))

    def zoom_key(self, key: int) -> bool:
        """Takes +, − and 0; whether the key was one of them."""
        middle = self.box.seen.center()
        if key == Qt.Key.Key_0:
            self.box.fit()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.box.zoom_by(ZOOM_STEP, middle)
        elif key == Qt.Key.Key_Minus:
            self.box.zoom_by(1 / ZOOM_STEP, middle)
        else:
            return False
        return True

    # --- Qt's names

    def sizeHint(self) -> QSize:
        """Qt's is that of the scene, which is as large as the panel was last: layouts would keep room for it."""
        return QSize(220, 116)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        ask_for_menu(self, event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and self.read_out.text:
            return True  # what is read out of the place under the pointer is more than what the panel is
        return bool(super().event(event))

    def close(self) -> bool:
        """pyqtgraph deletes the scene with all items of it: they are not touched any more."""
        self._begun = False
        return bool(super().close())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if self._begun:
            self.message.setGeometry(self.rect().adjusted(12, 8, -12, -8))
            self._place_ring()
            self.lay_out()

    def _place_ring(self) -> None:
        path = QPainterPath()
        path.addRoundedRect(QRectF(self.viewport().rect()).adjusted(1, 1, -1, -1), 4, 4)
        self._ring.setPath(path)
        self._ring.setPen(cosmetic_pen(self.theme.accent, 1.5))

    def lay_out(self) -> None:
        """The size has changed: subclasses place their picture."""

    def moved(self) -> None:
        """Zoom or place has changed."""

    def restyle(self) -> None:
        """Another theme: subclasses give their items its colours."""

    def _restyle(self) -> None:
        self.setBackground(self.theme.panel)
        self._place_ring()
        self.restyle()
        self.viewport().update()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and self._begun:
            self._restyle()
        super().changeEvent(event)

    def focusInEvent(self, event: Any) -> None:
        # a frame for those who came by keyboard; whoever clicked knows where they are
        if self._begun:
            self._ring.setVisible(event.reason() in _BY_KEYS)
        super().focusInEvent(event)

    def focusOutEvent(self, event: Any) -> None:
        if self._begun:
            self._ring.hide()
        super().focusOutEvent(event)
