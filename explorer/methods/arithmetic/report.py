"""How a cell is computed, as JSON takes it and as a table for a terminal."""

from __future__ import annotations

from typing import Any

from explorer.core.arithmetic import Arithmetic, Patch, Step, largest
from explorer.core.translation import tr


def arithmetic_json(found: Arithmetic, count: int) -> dict[str, Any]:
    """With the `count` largest terms, and the total of the others."""
    first = found.steps[0]
    summed = first.patch
    return {
        "tap": found.tap,
        "channel": found.channel,
        "cell": list(found.cell),
        **(_patch_rows(summed, count) if summed is not None else {"terms": _operands(first), "rest": 0.0}),
        "sum": _json_number(float(summed.products.sum()) if summed is not None else first.gives),
        "bias": None if first.bias is None or summed is None else _json_number(first.bias),
        "takes": found.before,
        "steps": [_step(step) for step in found.steps],
        "following": [_step(step) for step in found.following],
        "value": _json_number(found.value),
        "computed": _json_number(found.computed),
        "difference": _json_number(found.difference),
        "relative_difference": _json_number(found.relative),
        "agrees": found.agrees,
        "why": found.why,
    }


def _patch_rows(patch: Patch, count: int) -> dict[str, Any]:
    terms, rest = largest(patch, max(0, count))
    return {
        "terms": [
            {
                **({"head": t.channel, "token": t.token} if patch.keys is not None else {"channel": t.channel}),
                "at": list(t.at),
                "value": _json_number(t.value),
                "weight": _json_number(t.weight),
                "product": _json_number(t.product),
                "padding": t.padded,
            }
            for t in terms
        ],
        "rest": _json_number(rest),
        "number_of_terms": patch.values.size,
        "by_channel" if patch.keys is None else "by_head": [
            {"channel" if patch.keys is None else "head": int(c), "sum": _json_number(float(v))}
            for c, v in zip(patch.channels, patch.by_channel, strict=True)
        ],
        "window": [axis.tolist() for axis in patch.at],
        "read": [axis.tolist() for axis in patch.read],
    }


def _operands(step: Step) -> list[dict[str, Any]]:
    return [{"name": operand.name, "value": _json_number(operand.value)} for operand in step.operands]


def _step(step: Step) -> dict[str, Any]:
    return {
        "operation": step.operation,
        "formula": step.formula,
        "tap": step.tap,
        "takes": None if step.takes is None else _json_number(step.takes),
        "numbers": {name: _json_number(value) for name, value in step.numbers},
        "operands": _operands(step),
        "gives": _json_number(step.gives),
        "stored": _json_number(step.stored),
        "difference": _json_number(step.difference),
    }


def _json_number(value: float) -> float | str | None:
    """JSON knows neither NaN nor infinity: written as words."""
    if value != value:
        return "NaN"
    return value if abs(value) != float("inf") else ("Infinity" if value > 0 else "-Infinity")


def arithmetic_table(found: Arithmetic, count: int) -> str:
    """The `count` largest terms, the steps, and how near the recomputation comes."""
    first = found.steps[0]
    lines = [] if first.patch is None else _terms(found, first.patch, count)
    lines += [_step_line(step) for step in found.steps]
    lines.append(
        tr(
            "value in the tensor {found:.9g}, recomputed {computed:.9g}, difference {difference:.3g}",
            found=found.value,
            computed=found.computed,
            difference=found.difference,
        )
    )
    lines += [_step_line(step, tr("then ")) for step in found.following]
    return "\n".join([*lines, *filter(None, [found.why])])


def _terms(found: Arithmetic, patch: Patch, count: int) -> list[str]:
    terms, rest = largest(patch, max(0, count))
    row, column = ("channel", "at") if patch.keys is None else ("head", "token")
    lines = [
        tr(
            "{row:>7} {column:>12} {value:>13} {weight:>13} {product:>13}   (of {before})",
            row=row,
            column=column,
            value=tr("value"),
            weight=tr("weight"),
            product=tr("product"),
            before=found.before,
        )
    ]
    for t in terms:
        at = t.token or ",".join(str(i) for i in t.at)
        numbers = f"{t.value:>13.6g} {t.weight:>13.6g} {t.product:>13.6g}"
        lines.append(f"{t.channel:>7} {at:>12} {numbers}{'  padding' * t.padded}")
    others = patch.values.size - len(terms)
    lines.append(
        tr(
            "{part:>7} {part:>12} {part:>13} {the_rest:>13} {rest:>13.6g}   ({others} terms)",
            part="",
            the_rest=tr("the rest"),
            rest=rest,
            others=others,
        )
    )
    bias = found.steps[0].bias
    return lines if bias is None else [*lines, f"{'':>7} {'':>12} {'':>13} {tr('bias'):>13} {bias:>13.6g}"]


def _step_line(step: Step, lead: str = "") -> str:
    given = [] if step.takes is None else [f"x = {step.takes:.6g}"]
    given += [f"{name} = {value:.6g}" for name, value in step.numbers]
    given += [f"{operand.name} = {operand.value:.6g}" for operand in step.operands]
    seen = f"  [{step.tap}]" if step.tap else ""
    said = f"{lead}{step.operation}: {step.formula} = {step.gives:.9g}{seen}"
    return f"{said}   {', '.join(given)}" if given else said
