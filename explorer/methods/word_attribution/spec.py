"""Word attribution: how much each token of a text supports a class."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

from explorer.core.arrays import Array
from explorer.core.method import Explanation, Export, MethodSpec, Scope
from explorer.core.params import Choice, choice, integer
from explorer.core.selection import Selection
from explorer.core.texts import TextPreprocess, Token
from explorer.core.translation import msgid, tr

PATH, LEFT_OUT = "integrated-gradients", "occlusion"
_BASELINES = (msgid("unknown"), msgid("padding"), msgid("mask"))


@dataclass(frozen=True, slots=True)
class WordParams:
    """How it is computed, against which text without meaning."""

    method: str = choice(
        PATH,
        (PATH, LEFT_OUT),
        tr("Method"),
        tr("Integrated gradients from a baseline to the text, or the score lost when a token is replaced"),
        titles=(tr("Integrated gradients"), tr("Occlusion")),
    )
    baseline: str = choice(
        "unknown",
        _BASELINES,
        tr("Baseline"),
        tr(
            "What every token is compared with: a text of unknown words, of padding, or of the tokens that hide words in training (BERT)"
        ),
    )
    class_: int = integer(
        -1, tr("Class"), tr("Number of the class; −1: the predicted one"), low=-1, least=tr("predicted")
    )


@dataclass(frozen=True, slots=True, eq=False)
class WordAttribution:
    """`values[i]` is what token i adds to the score of the class: of integrated gradients they sum to `score` − `baseline` up to
    `gap`; of occlusion each is the score lost without it."""

    tokens: tuple[Token, ...]
    values: Array  # (tokens,) float64
    method: str
    baseline_token: str
    class_index: int
    label: str
    score: float
    baseline: float  # the score of the baseline
    points: int  # of the path; 0: no path
    final: bool = False

    @property
    def gap(self) -> float:
        """What the values miss of the whole difference."""
        return float(self.values.sum()) - (self.score - self.baseline)


def _unavailable(selection: Selection, _params: WordParams) -> str:
    return "" if selection.capture.prediction else tr("This model has no class predictions.")


def _choices(selection: Selection) -> dict[str, tuple[Choice, ...]]:
    pre = selection.card.preprocess
    hides = isinstance(pre, TextPreprocess) and pre.mask is not None
    reasons = {} if hides else {"mask": tr("This model has no token that hides others.")}
    return {"baseline": tuple(Choice(name, tr(name), "", reasons.get(name, "")) for name in _BASELINES)}


def _to_json(result: WordAttribution) -> dict[str, Any]:
    rows = [
        {"piece": t.piece, "kind": t.kind, "span": [t.start, t.end], "value": float(v)}
        for t, v in zip(result.tokens, result.values, strict=True)
    ]
    more = {"gap": result.gap, "points": result.points} if result.points else {}
    return {
        "method": result.method,
        "class": result.class_index,
        "label": result.label,
        "score": result.score,
        "baseline": result.baseline,
        "baseline_token": result.baseline_token,
        **more,
        "tokens": rows,
    }


def _write(result: WordAttribution) -> str:
    against = f"{result.baseline_token!r}: {result.baseline:.4g}"
    lines = [
        tr(
            "{method} of {label}: {score:.4g}, against {against}",
            method=result.method,
            label=result.label,
            score=result.score,
            against=against,
        )
    ]
    lines += [
        f"{v:>11.4g}  {t.piece}" for t, v in zip(result.tokens, result.values, strict=True) if t.kind != "padding"
    ]
    if result.points:
        lines.append(tr("gap {gap:.2g} with {points} points", gap=result.gap, points=result.points))
    return "\n".join(lines)


def _csv(result: WordAttribution) -> bytes:
    """One line a token."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(["token", "piece", "kind", "start", "end", "value"])
    for number, (t, v) in enumerate(zip(result.tokens, result.values, strict=True)):
        writer.writerow([number, t.piece, t.kind, t.start, t.end, repr(float(v))])
    return made.getvalue().encode()


def _file_name(result: WordAttribution) -> str:
    return f"words-{result.method}-class-{result.class_index}"


SPEC = MethodSpec(
    id="word-attribution",
    title=tr("Words"),
    about=tr("How much each word of the text supports a class"),
    package="explorer.methods.word_attribution",
    scope=Scope.CLASS,
    params=WordParams,
    result=WordAttribution,
    to_json=_to_json,
    write=_write,
    unavailable=_unavailable,
    choices=_choices,
    exports=(Export(tr("Save as CSV …"), ".csv", "CSV", _csv, _file_name, tr("One line a token")),),
    invitation=tr("How much each word supports the predicted class, or one that is selected in the prediction."),
    noun=tr("attribution"),
    about_classes=True,
    over_input=True,
    kinds=("text",),
    source="Sundararajan, Taly and Yan 2017; Zeiler and Fergus 2014",
    explained=Explanation(
        shows=tr("How much each word of the text adds to the score of a class."),
        read=tr(
            "Amber words support the class, blue ones oppose it; with integrated gradients the values sum to "
            "the score minus that of the baseline, and the gap says how nearly."
        ),
        misleads=tr(
            "It is relative to the baseline, which has no meaning for us but may have one for the network; "
            "words that work only together (“not good”) are given shares that none has by itself."
        ),
    ),
)
