"""Which output is the class vector, and what its numbers are: right without being told, and as told."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.interventions import Edit
from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.core.target import Target
from explorer.engine.ablation.ablate import ablate, base_of
from explorer.engine.ablation.rank import rank
from explorer.engine.attribution.attribution_methods import explain, finished
from explorer.engine.attribution.curves import curve
from explorer.engine.capture.class_vector import scores_of, vector_in
from explorer.engine.capture.forward import discover
from explorer.engine.capture.output_reading import watched
from tests.support.predicted import predicted

LABELS = ("a", "b", "c", "d", "e", "f")
NT = namedtuple("NT", "aux logits")


@dataclass
class Answer:
    loss: Tensor | None
    embedding: Tensor
    scores: Tensor


class Net(nn.Module):
    """Maps, their mean, an embedding, two heads; `answer` puts together what is returned."""

    def __init__(self, answer: Callable[[Any, Tensor, Tensor], Any]) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv, self.fc, self.aux = nn.Conv2d(3, 8, 3), nn.Linear(8, 6), nn.Linear(8, 6)
        self.embed, self.head, self.domain = nn.Linear(8, 16), nn.Linear(16, 6), nn.Linear(8, 2)
        self.answer = answer

    def forward(self, x: Tensor) -> Any:
        maps = self.conv(x).relu()
        return self.answer(self, maps, maps.mean((2, 3)))


X = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(5))


def card(labels: tuple[str, ...] = (), output: str = "", probabilities: Any = "auto") -> ModelCard:
    spec = ModelSpec("file:net.py", output=output, probabilities=probabilities)
    return ModelCard(spec, "net", "file", WeightsInfo(True), Preprocess(16, 16), labels)


def _embedded(n: Net, p: Tensor) -> tuple[Tensor, Tensor]:
    e = n.embed(p)
    return e, n.head(e)


ANSWERS: dict[str, tuple[Callable[[Any, Tensor, Tensor], Any], str]] = {
    "features before logits": (lambda n, m, p: {"features": p, "logits": n.fc(p)}, "logits"),
    "a tuple with features first": (lambda n, m, p: (p, n.fc(p)), "1"),
    "a tuple with maps first": (lambda n, m, p: (m, n.fc(p)), "1"),
    "a tuple with an auxiliary head": (lambda n, m, p: (n.fc(p), n.aux(p)), "0"),
    "a tuple with features last": (lambda n, m, p: (n.fc(p), p), "0"),
    "an embedding that the head takes": (lambda n, m, p: _embedded(n, p), "1"),
    "a named tuple": (lambda n, m, p: NT(n.aux(p), n.fc(p)), "logits"),
    "aux and out": (lambda n, m, p: {"aux": n.aux(p), "out": n.fc(p)}, "out"),
    "a dataclass": (lambda n, m, p: Answer(None, n.embed(p), n.fc(p)), "scores"),
    "a loss first": (lambda n, m, p: {"loss": n.fc(p).mean(), "pred": n.fc(p)}, "pred"),
    "nested": (lambda n, m, p: {"backbone": {"out": p}, "head": {"cls_logits": n.fc(p)}}, "head.cls_logits"),
    "nested heads": (lambda n, m, p: {"aux": {"logits": n.aux(p)}, "main": {"logits": n.fc(p)}}, "main.logits"),
    "lists": (lambda n, m, p: [p, [n.fc(p)]], "1.0"),
    "the number of the class first": (lambda n, m, p: (n.fc(p).argmax(1), n.fc(p)), "1"),
    "probabilities beside logits": (lambda n, m, p: {"probs": n.fc(p).softmax(1), "logits": n.fc(p)}, "logits"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_the_class_vector_is_found(name: str) -> None:
    answer, key = ANSWERS[name]
    net = Net(answer).eval()
    seen = watched(net, X, card())
    assert seen.plan.scores is not None
    assert seen.plan.scores.output == key
    with torch.no_grad():
        p = net.conv(X).relu().mean((2, 3))
        logits = net.head(net.embed(p))[0] if "embedding" in name else net.fc(p)[0]
    found = predicted(seen.output, card(), seen.plan.scores)
    best = logits.softmax(0)
    assert {g.index: g.probability for g in found} == pytest.approx({i: float(v) for i, v in enumerate(best)}, abs=1e-6)


def test_what_fits_the_labels_comes_before_a_name() -> None:
    net = Net(lambda n, m, p: {"logits": n.domain(p), "other": n.fc(p)}).eval()
    taps = discover(net, X.clone()).plan.taps
    assert scores_of(taps, card()).output == "logits"  # type: ignore[union-attr]
    assert scores_of(taps, card(LABELS)).output == "other"  # type: ignore[union-attr]


def test_a_named_output_is_taken_and_a_wrong_name_lists_the_others() -> None:
    net = Net(lambda n, m, p: {"maps": m, "head": {"features": p, "logits": n.fc(p)}}).eval()
    taps = discover(net, X.clone()).plan.taps
    for name in ("features", "head.features"):
        assert scores_of(taps, card(output=name)).output == "head.features"  # type: ignore[union-attr]
    with pytest.raises(ExplorerError, match=r"no output named nope.*maps, head.features, head.logits"):
        scores_of(taps, card(output="nope"))
    with pytest.raises(ExplorerError, match=r"maps is no class vector.*8×14×14.*head.features or head.logits"):
        scores_of(taps, card(output="maps"))


SHAPES: dict[str, Callable[[Tensor], Tensor]] = {
    "(K,)": lambda z: z[0],
    "(1, K, 1, 1)": lambda z: z[:, :, None, None],
    "(1, 1, K)": lambda z: z[:, None],
    "(1, 1)": lambda z: z[:, :1],
    "(1,)": lambda z: z[:, 0],
    "()": lambda z: z[0, 0],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_vectors_of_every_shape_are_predicted_explained_and_ablated(shape: str) -> None:
    net = Net(lambda n, m, p: SHAPES[shape](n.fc(p))).eval()
    seen = watched(net, X, card())
    with torch.no_grad():
        full = net.fc(net.conv(X).relu().mean((2, 3)))[0].double()
    logits = full if shape in ("(K,)", "(1, K, 1, 1)", "(1, 1, K)") else full[:1]
    true = logits.softmax(0) if len(logits) > 1 else logits.sigmoid()
    found = predicted(seen.output, card(), seen.plan.scores)
    assert [g.probability for g in sorted(found, key=lambda g: g.index)] == pytest.approx(true.tolist(), abs=1e-6)
    leaf = X.clone().requires_grad_()
    net.fc(net.conv(leaf).relu().mean((2, 3)))[0, 0].backward()
    given = finished(explain("gradient", net, X, Target("", 0), seen.plan))
    assert torch.allclose(torch.tensor(given.values), leaf.grad[0], atol=1e-7)  # type: ignore[index]
    whole = finished(explain("integrated-gradients", net, X, Target("", 0), seen.plan))
    assert whole.gap == pytest.approx(0, abs=5e-3)
    shifts = ablate(base_of(net, X, seen), (Edit("conv", (2,)),)).shifts
    with torch.no_grad():
        maps = net.conv(X)
        maps[:, 2] = 0
        after = net.fc(maps.relu().mean((2, 3)))[0].double()[: len(logits)]
    share = after.softmax(0) if len(after) > 1 else after.sigmoid()
    assert {s.index: s.after for s in shifts} == pytest.approx({i: float(v) for i, v in enumerate(share)}, abs=1e-6)
    last = list(rank(base_of(net, X, seen), Edit("conv"), 0))[-1]
    effect = next(e for e in last.effects if e.channel == 2)
    assert effect.points == pytest.approx(100 * float(share[0] - true[0]), abs=1e-4)


# --- what the numbers are -----------------------------------------------------------------------------------------------


def _filled(z: Tensor) -> Tensor:
    out = torch.zeros(1, 6)
    out[:, :3], out[:, 3:] = z[:, :3].sigmoid(), z[:, 3:].sigmoid()
    return out


NUMBERS: dict[str, tuple[str, Callable[[Tensor], Tensor]]] = {
    "logits": ("softmax", lambda z: z),
    "small logits": ("softmax", lambda z: z * 0.01),
    "distances with a minus": ("softmax", lambda z: -z.abs() - 0.1),
    "a normalised embedding": ("softmax", lambda z: F.normalize(z.abs(), dim=1)),
    "softmax": ("as-is", lambda z: z.softmax(1)),
    "softmax in half precision": ("as-is", lambda z: z.bfloat16().softmax(1)),
    "softmax by hand": ("as-is", lambda z: z.exp() / z.exp().sum(1, keepdim=True)),
    "mean of softmaxes": ("as-is", lambda z: (z.softmax(1) + (2 * z).softmax(1)) / 2),
    "shares of what is positive": ("as-is", lambda z: F.normalize(z.relu() + 1e-3, p=1, dim=1)),
    "log-softmax": ("exp", lambda z: z.log_softmax(1)),
    "log-softmax by hand": ("exp", lambda z: z - z.logsumexp(1, keepdim=True)),
    "sigmoid": ("as-is", torch.sigmoid),
    "sigmoid in place": ("as-is", lambda z: z.sigmoid_()),
    "sigmoid by hand": ("as-is", lambda z: 1 / (1 + (-z).exp())),
    "hard sigmoid": ("as-is", F.hardsigmoid),
    "clamped sigmoid": ("as-is", lambda z: z.sigmoid().clamp(1e-7, 1 - 1e-7)),
    "the other class": ("as-is", lambda z: 1 - z.sigmoid()),
    "heads put together": ("as-is", lambda z: torch.cat([z[:, :2].sigmoid(), z[:, 2:].sigmoid()], 1)),
    "heads written into a tensor": ("as-is", _filled),
    "mean of sigmoids": ("as-is", lambda z: torch.stack([z.sigmoid(), (2 * z).sigmoid()]).mean(0)),
    "shifted tanh": ("as-is", lambda z: (z.tanh() + 1) / 2),
    "log-sigmoid": ("exp", F.logsigmoid),
    "one logit": ("sigmoid", lambda z: z[:, :1]),
    "one probability": ("as-is", lambda z: z[:, :1].sigmoid()),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_probabilities_are_shown_as_they_are_and_logits_are_not(name: str) -> None:
    scale, last = NUMBERS[name]
    net = Net(lambda n, m, p: last(n.fc(p))).eval()
    seen = watched(net, X, card())
    scores = seen.plan.scores
    assert scores is not None
    assert scores.scale == scale
    with torch.no_grad():
        numbers = net(X).double()[0]
    true = {
        "softmax": lambda v: v.softmax(0),
        "sigmoid": lambda v: v.sigmoid(),
        "as-is": lambda v: v,
        "exp": lambda v: v.exp(),
    }[scale](numbers)
    found = predicted(seen.output, card(), scores)
    assert {g.index: g.probability for g in found} == pytest.approx({i: float(v) for i, v in enumerate(true)}, rel=1e-6)


def test_logits_that_happen_to_be_a_distribution_stay_logits() -> None:
    net = Net(lambda n, m, p: n.fc(p)).eval()
    with torch.no_grad():
        net.fc.weight.zero_()
        net.fc.bias.copy_(torch.tensor([0.5, 0.2, 0.1, 0.1, 0.05, 0.05]))
    assert watched(net, X, card()).plan.scores.scale == "softmax"  # type: ignore[union-attr]


def test_the_choice_is_followed() -> None:
    net = Net(lambda n, m, p: n.fc(p)).eval()
    with torch.no_grad():
        logits = net(X)[0].double()
    for asked, true in (("sigmoid", logits.sigmoid()), ("as-is", logits), ("softmax", logits.softmax(0))):
        chosen = card(probabilities=asked)
        seen = watched(net, X, chosen)
        found = predicted(seen.output, chosen, seen.plan.scores)
        assert {g.index: g.probability for g in found} == pytest.approx(
            {i: float(v) for i, v in enumerate(true)}, rel=1e-5
        )


def test_differences_and_curves_are_of_the_probabilities_that_the_model_gives() -> None:
    net = Net(lambda n, m, p: (5 * n.fc(p)).sigmoid()).eval()
    seen = watched(net, X, card())
    base = base_of(net, X, seen)
    shift = next(s for s in ablate(base, (Edit("conv", (2,)),)).shifts if s.index == 1)
    with torch.no_grad():
        maps = net.conv(X)
        maps[:, 2] = 0
        before, after = float(net(X)[0, 1]), float((5 * net.fc(maps.relu().mean((2, 3)))).sigmoid()[0, 1])
    assert (shift.before, shift.after) == pytest.approx((before, after), abs=1e-6)
    effect = next(e for e in list(rank(base, Edit("conv"), 1))[-1].effects if e.channel == 2)
    assert effect.points == pytest.approx(100 * (after - before), abs=1e-4)
    map_ = finished(explain("gradient", net, X, Target("", 1), seen.plan))
    assert map_.value == pytest.approx(before, abs=1e-6)
    drawn = finished(curve("deletion", map_, net, X, seen.plan, steps=4))
    assert drawn.scores[0] == pytest.approx(before, abs=1e-6)


def test_an_output_that_is_not_finite_is_no_prediction() -> None:
    net = Net(lambda n, m, p: n.fc(p) * float("nan")).eval()
    seen = watched(net, X, card())
    assert predicted(seen.output, card(), seen.plan.scores) == ()
    assert vector_in(seen.output, None) is None
