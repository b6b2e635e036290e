"""arithmetic: how one cell is computed, as JSON or as a table."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from explorer.cli.given import numbers_of, tap_named, told
from explorer.cli.reading import say
from explorer.core.cells import cell_named

if TYPE_CHECKING:
    from explorer.core.arithmetic import Arithmetic, Patch, Step


def _json_number(value: float) -> float | str | None:
    """JSON knows neither NaN nor infinity: written as words."""
    if value != value:
        return "NaN"
    return value if abs(value) != float("inf") else ("Infinity" if value > 0 else "-Infinity")


def run(args: argparse.Namespace) -> int:
    """The terms of a cell's sum, what follows, and how near the recomputation comes."""
    from explorer.cli.engine import Engine

    cell, channel = cell_named(args.cell), numbers_of(args.channel, "channel", 1)[0]
    count = numbers_of(args.terms, "number of terms", 1)[0]
    with Engine() as engine:
        loaded, capture = engine.look(args)
        tap_named(capture.taps, args.tap)
        found = engine.studies.explain_cell(capture, args.tap, channel, cell, engine.job)
    repeat = capture.repeat  # how a number is computed is true of untrained weights as well
    said = (repeat.text,) if repeat is not None and not repeat.same else ()
    if args.json:
        return told(loaded.card, {"input": capture.picture.digest, **_arithmetic_rows(found, count)}, said)
    say(said)
    _print_arithmetic(found, count)
    return 0


def _arithmetic_rows(found: Arithmetic, count: int) -> dict[str, object]:
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


def _patch_rows(patch: Patch, count: int) -> dict[str, object]:
    from explorer.core.arithmetic import largest

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


def _operands(step: Step) -> list[dict[str, object]]:
    return [{"name": operand.name, "value": _json_number(operand.value)} for operand in step.operands]


def _step(step: Step) -> dict[str, object]:
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


def _print_arithmetic(found: Arithmetic, count: int) -> None:
    from explorer.core.arithmetic import largest

    first = found.steps[0]
    if first.patch is not None:
        terms, rest = largest(first.patch, max(0, count))
        row, column = ("channel", "at") if first.patch.keys is None else ("head", "token")
        print(f"{row:>7} {column:>12} {'value':>13} {'weight':>13} {'product':>13}   (of {found.before})")
        for t in terms:
            at = t.token or ",".join(str(i) for i in t.at)
            print(
                f"{t.channel:>7} {at:>12} {t.value:>13.6g} {t.weight:>13.6g} {t.product:>13.6g}{'  padding' * t.padded}"
            )
        print(
            f"{'':>7} {'':>12} {'':>13} {'the rest':>13} {rest:>13.6g}   ({first.patch.values.size - len(terms)} terms)"
        )
        if first.bias is not None:
            print(f"{'':>7} {'':>12} {'':>13} {'bias':>13} {first.bias:>13.6g}")
    for step in found.steps:
        _print_step(step)
    print(f"value in the tensor {found.value:.9g}, recomputed {found.computed:.9g}, difference {found.difference:.3g}")
    for step in found.following:
        _print_step(step, "then ")
    if found.why:
        print(found.why)


def _print_step(step: Step, lead: str = "") -> None:
    given = [] if step.takes is None else [f"x = {step.takes:.6g}"]
    given += [f"{name} = {value:.6g}" for name, value in step.numbers]
    given += [f"{operand.name} = {operand.value:.6g}" for operand in step.operands]
    seen = f"  [{step.tap}]" if step.tap else ""
    print(
        f"{lead}{step.operation}: {step.formula} = {step.gives:.9g}{seen}" + (f"   {', '.join(given)}" if given else "")
    )
