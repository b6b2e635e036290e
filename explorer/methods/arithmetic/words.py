"""How a cell is computed, as the lines that its page shows. Pure."""

from __future__ import annotations

from explorer.core.arithmetic import Arithmetic, Contribution, Patch, Step, largest
from explorer.core.translation import ntr, tr
from explorer.ui.widgets import text
from explorer.ui.widgets.numbers import Row

_LISTED = 6  # contributions
_DIGITS = 5


def headline(found: Arithmetic) -> str:
    """The sum and the value that it ends in: "Σ 27 products + bias = 0.188 → 0.841"."""
    first = found.steps[0]
    end = text.number(found.value, _DIGITS)
    if first.patch is None:
        return f"{first.operation} = {end}" if len(found.steps) == 1 else f"{first.operation} → {end}"
    count = first.patch.values.size
    lead = tr("largest of") if first.patch.chosen else "Σ"
    said = ntr("{lead} {count:,} product", "{lead} {count:,} products", count, lead=lead, count=count)
    said += tr(" + bias") if first.bias is not None else ""
    said += f" = {text.number(first.gives, _DIGITS)}"
    return said if len(found.steps) == 1 else f"{said}  →  {end}"


def agreement(found: Arithmetic) -> str:
    """How near the recomputation comes to the tensor, or by how much and why it does not."""
    if found.difference == 0:
        return tr("exactly the value of the map")
    said = tr("differs from the map by {difference}", difference=text.number(found.difference, 2))
    return f"{said}. {found.why}" if found.why else said


def contributions(found: Arithmetic) -> list[Row]:
    """The largest products, the rest totalled, the bias and the sum."""
    first = found.steps[0]
    if first.patch is None:
        return [Row(operand.name, text.number(operand.value, _DIGITS)) for operand in first.operands]
    terms, rest = largest(first.patch, _LISTED)
    rows = [_term(term) for term in terms]
    others = first.patch.values.size - len(terms)
    if others > 0:
        rows.append(_rest(others, rest))
    if first.bias is not None:
        rows.append(Row(tr("bias"), text.signed(first.bias, 4)))
    rows.append(Row(tr("sum"), text.number(first.gives, _DIGITS), tr("Recomputed in float64")))
    return rows


def _rest(count: int, total: float) -> Row:
    title = ntr("remaining {count:,} term", "remaining {count:,} terms", count, count=count)
    return Row(title, text.signed(total, 4), tr("Sum of all remaining products"))


def _term(term: Contribution) -> Row:
    place = f" ({','.join(str(i) for i in term.at)})" if term.at else ""
    factors = f"{text.number(term.value, 2)} × {text.number(term.weight, 2)}"
    tip = tr(
        "value {term:.7g}, weight {weight:.7g}, product {product:.7g}",
        term=term.value,
        weight=term.weight,
        product=term.product,
    )
    name = f"{term.channel}{place}" + (tr(" pad") if term.padded else "")
    if term.token:
        name = f"{term.token}  h{term.channel}"
        tip = tr("head {channel}, token {token}: {tip}", channel=term.channel, token=term.token, tip=tip)
    return Row(name, f"{factors} = {text.signed(term.product, 3)}", tip)


def channel_choices(patch: Patch) -> list[tuple[int, str]]:
    """(position in the patch, title) of its input channels or heads, the largest contribution first."""
    sums = patch.by_channel
    order = sorted(range(len(sums)), key=lambda i: (-abs(float(sums[i])) if sums[i] == sums[i] else -1e300, i))
    what = tr("input channel") if patch.keys is None else tr("head")
    return [(i, f"{what} {int(patch.channels[i])}:  {text.signed(float(sums[i]), 3)}") for i in order]


def weighed(found: Arithmetic, patch: Patch, head: int) -> str:
    """Whose values are weighed, and what the tokens that have no cell give: "values: v · CLS +0.012"."""
    said = [tr("values: {before}", before=found.before)] if found.before else []
    if patch.keys is not None and patch.keys.block is not None:
        apart = sorted(set(range(len(patch.keys.names))) - set(patch.keys.block.ravel().tolist()))
        said += [f"{patch.keys.names[i]} {text.signed(float(patch.products[head, i]), 3)}" for i in apart]
    return "  ·  ".join(said)


def steps(found: Arithmetic) -> str:
    """The chain: each operation with what it gives, one a line; what comes after the cell too."""
    lines = [_step(step) for step in found.steps]
    lines[-1] += tr("  ←  this map")
    lines += [tr("then {step}", step=_step(step)) for step in found.following]
    return "\n".join(lines)


def _step(step: Step) -> str:
    given = [] if step.takes is None else [f"x = {text.number(step.takes, 4)}"]
    given += [f"{name} = {text.number(value, 4)}" for name, value in step.numbers]
    tail = f"   ({', '.join(given)})" if given else ""
    return f"{step.operation}: {step.formula} = {text.number(step.gives, _DIGITS)}{tail}"
