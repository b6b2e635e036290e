"""Mean and std, one value a channel, as numbers that are typed."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from explorer.core.translation import tr
from explorer.ui import text_size, theme
from explorer.ui.dialogs.parts import form
from explorer.ui.widgets.choice import ElidedComboBox
from explorer.ui.widgets.nesting import nest

Values = tuple[float, ...]
# title, mean, std; as many values as they were published with
PRESETS: tuple[tuple[str, Values, Values], ...] = (
    ("ImageNet", (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    (tr("−1 … 1 (0.5 and 0.5)"), (0.5,), (0.5,)),
    (tr("None (0 and 1)"), (0.0,), (1.0,)),
)
CUSTOM = tr("Custom")
_NAMES = {1: (tr("all"),), 3: (tr("red"), tr("green"), tr("blue"))}


def preset_of(mean: Values, std: Values) -> str:
    """Title of the preset that these values are, however many times each is written."""
    for title, its_mean, its_std in PRESETS:
        count = max(len(mean), len(std), len(its_mean))
        if spread(mean, count) == spread(its_mean, count) and spread(std, count) == spread(its_std, count):
            return title
    return CUSTOM


def spread(values: Values, count: int) -> Values:
    """One value for all, or as they are."""
    return values * count if len(values) == 1 else values


def fitted(values: Values, count: int) -> Values:
    """As many values as there are channels: repeated from one, or their mean where one must stand for several."""
    if len(values) in (1, count):
        return spread(values, count)
    return (math.fsum(values) / len(values),) * count


def parse(text: str) -> float | None:
    """A finite number, with a point or a comma; None for anything else."""
    try:
        value = float(text.strip().replace(",", ".").replace("−", "-"))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


class ValuesField(QWidget):
    """`mean` and `std` have the same length always: one value, or one a channel."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.preset = ElidedComboBox()
        self.preset.addItems([title for title, _, _ in PRESETS] + [CUSTOM])
        self.preset.setAccessibleName(tr("Normalisation"))
        self.one = QCheckBox(tr("&One value for all channels"))
        self.fields: dict[str, list[QLineEdit]] = {"mean": [], "std": []}
        self._channels = 3
        self._rest: tuple[Values, Values] = ((), ())  # of more than three channels: kept as they are
        self.setFocusProxy(self.preset)
        self._several: tuple[Values, Values] | None = None  # what stood there before it became one value
        self._grid = form()
        self._lines = QGridLayout()
        self._lines.setHorizontalSpacing(theme.current().space)
        self._build()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().space)
        self._heads = [QLabel() for _ in range(3)]
        for at, head in enumerate(self._heads):
            head.setObjectName("dim")
            self._lines.addWidget(head, 0, at + 1, Qt.AlignmentFlag.AlignRight)
        for row, name in enumerate(self.fields, 1):
            self._lines.addWidget(QLabel(tr(name)), row, 0)
            for at in range(3):
                field = QLineEdit()
                field.setAlignment(Qt.AlignmentFlag.AlignRight)
                text_size.hold(field, "setMaximumWidth", 120)
                field.textEdited.connect(self._edited)
                self._lines.addWidget(field, row, at + 1)
                self.fields[name].append(field)
        self._lines.setColumnStretch(4, 1)
        column.addWidget(self.preset)
        nest(column, self._lines)
        column.addWidget(self.one)
        column.addStretch(1)
        self.preset.activated.connect(self._take_preset)
        self.one.clicked.connect(self._fold)

    # ---- setters

    def set_values(self, mean: Values, std: Values, channels: int) -> None:
        """What the fields show."""
        self._channels = channels
        self._several = None
        count = max(len(mean), len(std))
        self._rest = (spread(mean, count)[3:], spread(std, count)[3:])
        self._show(mean, std)

    def set_channels(self, channels: int) -> None:
        """Another number of channels; the numbers of values follow, and come back when the channels do."""
        if channels == self._channels:
            return
        mean, std = self._typed()
        held, self._channels, self._rest = self._several, channels, ((), ())
        if channels == 1:
            if len(mean) > 1:
                self._several = (mean, std)
            self._show(fitted(mean, 1), fitted(std, 1))
        elif held is not None and (fitted(held[0], 1), fitted(held[1], 1)) == (mean, std):
            self._several = None
            self._show(*held)
        else:
            self._show(mean, std)

    # ---- what was chosen

    @property
    def mean(self) -> Values:
        return self._typed()[0]

    @property
    def std(self) -> Values:
        return self._typed()[1]

    def problem(self) -> str:
        """What is wrong with what was typed, "" for nothing."""
        for name, fields in self.fields.items():
            for field in fields[: self._count]:
                value = parse(field.text())
                if value is None:
                    return tr(
                        "“{text}” is not a number ({accessiblename}).",
                        text=field.text(),
                        accessiblename=field.accessibleName(),
                    )
                if name == "std" and value == 0:
                    return tr(
                        "The {accessiblename} is 0. Enter a value other than 0.", accessiblename=field.accessibleName()
                    )
        return ""

    # ---- inside

    @property
    def _count(self) -> int:
        return 1 if self.one.isChecked() else min(self._channels, 3)

    def _typed(self) -> tuple[Values, Values]:
        """What stands there; what cannot be read counts as 0 and 1, and `problem` says so."""
        count = self._count
        mean, std = (tuple(parse(f.text()) for f in self.fields[name][:count]) for name in ("mean", "std"))
        rest = self._rest if count == 3 else ((), ())
        return (
            tuple(v if v is not None else 0.0 for v in mean) + rest[0],
            tuple(v if v is not None else 1.0 for v in std) + rest[1],
        )

    def _show(self, mean: Values, std: Values) -> None:
        count = max(len(mean), len(std))
        self.one.setChecked(count == 1)
        self.one.setVisible(self._channels > 1)
        names = _NAMES.get(count, tuple(str(at) for at in range(count)))
        for at, head in enumerate(self._heads):
            head.setVisible(at < count > 1)
            head.setText(names[at] if at < count and count > 1 else "")
        for name, values in (("mean", spread(mean, count)), ("std", spread(std, count))):
            for at, field in enumerate(self.fields[name]):
                field.setVisible(at < count)
                field.setText(_written(values[at]) if at < count else "")
                field.setAccessibleName(
                    tr("{name} of {names}", name=tr(name), names=names[at]) if at < count else tr(name)
                )
        self._say_preset()
        self.changed.emit()

    def _edited(self) -> None:
        self._say_preset()
        self.changed.emit()

    def _say_preset(self) -> None:
        self.preset.setCurrentText(CUSTOM if self.problem() else preset_of(*self._typed()))

    def _take_preset(self, at: int) -> None:
        if at >= len(PRESETS):
            return
        _, mean, std = PRESETS[at]
        self._several = None
        if self._channels == 1:
            self._show(fitted(mean, 1), fitted(std, 1))
        else:
            self._show(mean, std)

    def _fold(self, one: bool) -> None:
        """One value for all, or one a channel; what was there comes back as long as nothing else was typed."""
        fields = {name: [parse(f.text()) or 0.0 for f in fields] for name, fields in self.fields.items()}
        if one:
            count = min(self._channels, 3)
            mean, std = (tuple(fields[name][:count]) for name in ("mean", "std"))
            self._several = (mean, std)
            self._show(fitted(mean, 1), fitted(std, 1))
            return
        now = (tuple(fields["mean"][:1]), tuple(fields["std"][:1]))
        held, self._several = self._several, None
        same = held is not None and (fitted(held[0], 1), fitted(held[1], 1)) == now
        self._show(*(held if same and held else (spread(now[0], self._channels), spread(now[1], self._channels))))


def _written(value: float) -> str:
    """The shortest text that gives the same number back."""
    text = repr(float(value))
    return text.removesuffix(".0")
