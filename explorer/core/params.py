"""Typed parameters of a method: one description for the form in the window, the command line, files and the Python API.

A method's parameters are a frozen dataclass whose fields are made by `choice`, `integer`, `real`, `flag`, `text` and
`dataset`:

    @dataclass(frozen=True, slots=True)
    class SmoothGradParams:
        samples: int = integer(25, "Samples", "Noisy copies that are averaged", low=1, high=1000)
        noise: float = real(0.15, "Noise", "Standard deviation, as a share of the input's range", low=0.0, high=1.0)
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any, TypeVar

from explorer.core.dataset import KINDS, Over, over_from
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr

P = TypeVar("P")
_KEY = "param"


class ParamKind(StrEnum):
    """What a parameter holds."""

    CHOICE = "choice"
    INTEGER = "integer"
    REAL = "real"
    FLAG = "flag"
    TEXT = "text"
    DATASET = "dataset"
    LAYER = "layer"


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a parameter as it is offered: its title, what it means, and why it cannot be had ("": it can)."""

    value: str
    title: str
    about: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter. `name` is that of the field; `option` the one on the command line ("" for --NAME); `when` has the
    alternatives in which it counts (none: always), each a tuple of other parameters with the values that they must have."""

    name: str
    kind: ParamKind
    default: Any
    title: str
    help: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()  # of the choices, where they are not their values
    least: str = ""  # what the least number, or no text, stands for: "automatic"
    option: str = ""
    when: tuple[tuple[tuple[str, tuple[str, ...]], ...], ...] = ()
    step: float | None = None

    @property
    def flag_name(self) -> str:
        """How it is called on the command line: "--samples"."""
        return self.option or "--" + self.name.rstrip("_").replace("_", "-")

    def counts(self, values: Any) -> bool:
        """Whether it has an effect beside the other values of a parameter object."""
        return not self.when or any(
            all(str(getattr(values, name)) in allowed for name, allowed in together) for together in self.when
        )

    def checked(self, value: Any) -> Any:
        """The value in the parameter's own type. Raises ExplorerError where it is of another or outside its range."""
        checked = _CHECKS[self.kind](self, value)
        if isinstance(checked, int | float) and not isinstance(checked, bool):
            self._in_range(checked)
        return checked

    def _in_range(self, value: float) -> None:
        low, high = self.low, self.high
        if (low is not None and value < low) or (high is not None and value > high):
            unit = f" {self.unit}" if self.unit else ""
            span = tr(" and ").join(
                part
                for part in (
                    "" if low is None else tr("at least {low:g}{unit}", low=low, unit=unit),
                    "" if high is None else tr("at most {high:g}{unit}", high=high, unit=unit),
                )
                if part
            )
            raise ExplorerError(
                tr("{title} cannot be {value:g}{unit}.", title=self.title, value=value, unit=unit),
                tr("It must be {span}.", span=span),
            )


def _wrong(param: Param, value: Any, wanted: str) -> ExplorerError:
    try:
        written = repr(str(value)[:40])
    except Exception:  # noqa: BLE001 - a number of thousands of digits, an object that cannot be written
        written = tr("this {name}", name=type(value).__name__)
    return ExplorerError(
        tr("{param_title} cannot be {written}.", param_title=param.title, written=written),
        tr("It must be {wanted}.", wanted=wanted),
    )


def _choice(param: Param, value: Any) -> str:
    if value not in param.choices:
        raise _wrong(param, value, tr("one of {list}", list=", ".join(param.choices)))
    return str(value)


def _integer(param: Param, value: Any) -> int:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if isinstance(value, bool) or not math.isfinite(number) or number != int(number):
        raise _wrong(param, value, tr("a whole number"))
    return int(value)


def _real(param: Param, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if isinstance(value, bool) or not math.isfinite(number):
        raise _wrong(param, value, tr("a finite number"))
    return number


def _flag(param: Param, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong(param, value, tr("true or false"))
    return value


def _text(param: Param, value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise _wrong(param, value, tr("a text"))
    return value


def _dataset(param: Param, value: Any) -> Over:
    if isinstance(value, str):
        value = over_from(value)
    if not isinstance(value, Over) or value.kind not in param.choices:
        raise _wrong(param, value, tr("one of {list}", list=", ".join(param.choices)))
    return value


_CHECKS = {
    ParamKind.CHOICE: _choice,
    ParamKind.INTEGER: _integer,
    ParamKind.REAL: _real,
    ParamKind.FLAG: _flag,
    ParamKind.TEXT: _text,
    ParamKind.DATASET: _dataset,
    ParamKind.LAYER: _text,
}

Together = Mapping[str, Sequence[str]]
When = Together | Sequence[Together] | None


def _field(kind: ParamKind, default: Any, title: str, help_: str, when: When, **more: Any) -> Any:
    alternatives = () if when is None else (when,) if isinstance(when, Mapping) else when
    conditions = tuple(tuple((name, tuple(values)) for name, values in some.items()) for some in alternatives)
    param = Param("", kind, default, title, help_, when=conditions, **more)
    return field(default=default, metadata={_KEY: param})


def choice(
    default: str,
    choices: Sequence[str],
    title: str,
    help: str,
    *,
    titles: Sequence[str] = (),
    when: When = None,
    option: str = "",
) -> Any:
    """One of some words, each with a title where the words are not what is shown."""
    more = {"choices": tuple(choices), "titles": tuple(titles)}
    return _field(ParamKind.CHOICE, default, title, help, when, option=option, **more)


def integer(
    default: int,
    title: str,
    help: str,
    *,
    low: int | None = None,
    high: int | None = None,
    unit: str = "",
    least: str = "",
    when: When = None,
    option: str = "",
    step: int | None = None,
) -> Any:
    """A whole number in a range."""
    more = {"low": low, "high": high, "unit": unit, "least": least, "step": step}
    return _field(ParamKind.INTEGER, default, title, help, when, option=option, **more)


def real(
    default: float,
    title: str,
    help: str,
    *,
    low: float | None = None,
    high: float | None = None,
    unit: str = "",
    when: When = None,
    option: str = "",
    step: float | None = None,
) -> Any:
    """A finite number in a range."""
    more = {"low": low, "high": high, "unit": unit, "option": option, "step": step}
    return _field(ParamKind.REAL, default, title, help, when, **more)


def flag(default: bool, title: str, help: str, *, when: When = None, option: str = "") -> Any:
    """On or off."""
    return _field(ParamKind.FLAG, default, title, help, when, option=option)


def text(default: str, title: str, help: str, *, least: str = "", when: When = None, option: str = "") -> Any:
    """Any text: the name of a layer, a path."""
    return _field(ParamKind.TEXT, default, title, help, when, least=least, option=option)


def dataset(
    title: str, help: str, *, kinds: Sequence[str] = KINDS, path: str = "", when: When = None, option: str = ""
) -> Any:
    """The inputs that something is computed over: an `Over`, of the first of the kinds (and `path`) unless another is chosen."""
    default = Over(kinds[0], path)  # type: ignore[arg-type]
    return _field(ParamKind.DATASET, default, title, help, when, choices=tuple(kinds), option=option)


def layer(title: str, help: str, *, when: When = None, option: str = "") -> Any:
    """The name of a layer; "" for the default. What can be chosen depends on the model."""
    return _field(ParamKind.LAYER, "", title, help, when, option=option)


@dataclass(frozen=True, slots=True)
class NoParams:
    """Of a method that has none."""


def params_of(kind: type[Any]) -> tuple[Param, ...]:
    """The parameters of a parameter class, in the order of its fields."""
    return tuple(_params(kind))


def _params(kind: type[Any]) -> Iterator[Param]:
    for each in fields(kind):
        param = each.metadata.get(_KEY)
        if isinstance(param, Param):
            yield replace(param, name=each.name)


def made(kind: type[P], values: Mapping[str, Any]) -> P:
    """A parameter object of plain values: what is missing keeps its default. Raises ExplorerError for a value that does not fit
    and for a name that there is not."""
    known = {param.name: param for param in params_of(kind)}
    unknown = sorted(set(values) - set(known))
    if unknown:
        names = ", ".join(known) or "none"
        raise ExplorerError(
            tr("There is no parameter named {unknown!r}.", unknown=unknown[0][:40]),
            tr("There are: {names}.", names=names),
        )
    return kind(**{name: known[name].checked(value) for name, value in values.items()})


def counting(params: P) -> P:
    """The same, with the default of each parameter that has no effect beside the others."""
    idle = {param.name: param.default for param in params_of(type(params)) if not param.counts(params)}
    return replace(params, **idle) if idle else params  # type: ignore[type-var]


def plain(params: Any) -> dict[str, Any]:
    """The values of a parameter object by name, as JSON takes them."""
    values = ((param.name, getattr(params, param.name)) for param in params_of(type(params)))
    return {name: value.text if isinstance(value, Over) else value for name, value in values}


def restored(kind: type[P], values: Mapping[str, Any]) -> P:
    """As `made`, for values from a file of another version: what does not fit keeps its default."""
    good = {}
    for param in params_of(kind):
        if param.name in values:
            try:
                good[param.name] = param.checked(values[param.name])
            except ExplorerError:
                continue
    return kind(**good)
