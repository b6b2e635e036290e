"""Which layer feeds which, held against torch.fx, which reads it off the code instead of following tensors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, fx, nn

from explorer.core.layer_graph import INPUT, layer_graph
from explorer.core.session.resolve import strip_taps
from explorer.engine.capture.forward import discover
from explorer.engine.models.torchvision_compat import import_torchvision

Feeds = dict[str, set[str]]


class SmallUNet(nn.Module):
    """Two levels: what comes down is concatenated with what comes up."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.ModuleList([nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 8, 3, padding=1)])
        self.pool, self.act = nn.MaxPool2d(2), nn.ReLU(inplace=True)
        self.middle = nn.Conv2d(8, 8, 3, padding=1)
        self.up = nn.ModuleList([nn.ConvTranspose2d(8, 8, 2, stride=2), nn.ConvTranspose2d(8, 4, 2, stride=2)])
        self.join = nn.ModuleList([nn.Conv2d(16, 8, 1), nn.Conv2d(8, 4, 1)])
        self.head = nn.Conv2d(7, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        first = self.act(self.down[0](x))
        second = self.act(self.down[1](self.pool(first)))
        y = self.up[0](self.middle(self.pool(second)))
        y = self.act(self.join[0](torch.cat([y, second], 1)))
        y = self.join[1](torch.cat((self.up[1](y), first), dim=1))
        return self.head(torch.cat([y, x], 1)).sigmoid()  # type: ignore[no-any-return]


def by_fx(net: nn.Module, seen: set[str]) -> Feeds:
    """By layer ('path', 'path_1' for its second call): the layers of `seen` behind it, through everything else."""
    behind: dict[fx.Node, set[str]] = {}
    calls: Counter[str] = Counter()
    found: Feeds = {}
    for node in fx.symbolic_trace(net).graph.nodes:
        given = [behind[n] for n in node.all_input_nodes]
        if node.op == "placeholder":
            behind[node] = {INPUT}
        elif node.target in ("size", "dim") or (node.target is getattr and node.args[1] == "shape"):
            behind[node] = set()  # sizes are no values
        else:
            behind[node] = set().union(*given)
        if node.op == "call_module":
            path = str(node.target)
            name = path + (f"_{calls[path]}" if calls[path] else "")
            calls[path] += 1
            if name in seen:
                found[name], behind[node] = behind[node], {name}
    return found


def followed(net: nn.Module, x: Tensor) -> tuple[Feeds, set[str]]:
    """The same as it was followed, of the layers without children that have values of their own."""
    taps = discover(net, x).plan.taps
    leaves = [tap for tap in taps if tap.leaf and tap.observable and not tap.alias]
    graph = layer_graph(taps, leaves)
    found = {}
    for tap, places, known, from_input in zip(leaves, graph.feeds, graph.known, graph.from_input, strict=True):
        assert known, tap.name
        found[tap.name] = {leaves[at].name for at in places} | ({INPUT} if from_input else set())
    return found, set(found)


def torchvision_net(name: str) -> nn.Module:
    more: dict[str, Any] = {"aux_logits": False, "init_weights": False} if name in ("googlenet", "inception_v3") else {}
    net: nn.Module = import_torchvision().models.get_model(name, weights=None, **more)
    return net.eval()


@pytest.mark.parametrize(
    ("name", "size"),
    [
        *[("resnet18", 32), ("resnet50", 32), ("densenet121", 32), ("mobilenet_v3_small", 32), ("mobilenet_v2", 32)],
        *[("inception_v3", 75), ("googlenet", 32), ("shufflenet_v2_x0_5", 32), ("squeezenet1_1", 32)],
    ],
)
def test_layers_are_fed_as_the_code_says(name: str, size: int) -> None:
    net = torchvision_net(name)
    found, seen = followed(net, torch.rand(1, 3, size, size))
    assert found == by_fx(net, seen)
    assert len(seen) > 15


def test_a_u_net_is_joined_across() -> None:
    net = SmallUNet().eval()
    found, seen = followed(net, torch.rand(1, 3, 16, 16))
    assert found == by_fx(net, seen)
    assert found["join.0"] == {"up.0", "act_1"}
    assert found["head"] == {"join.1", INPUT}


def test_a_residual_sum_of_the_strip_has_an_arc() -> None:
    taps = discover(torchvision_net("resnet18"), torch.rand(1, 3, 32, 32)).plan.taps
    shown = strip_taps(taps, blocks=False)
    graph, places = layer_graph(taps, shown), {tap.name: at for at, tap in enumerate(shown)}
    assert (places["maxpool"], places["layer1.0.relu_1"]) in graph.arcs
    assert (places["layer1.0.bn1"], places["layer1.0.relu"]) not in graph.arcs  # one after the other
    first, down = places["layer1.1.relu_1"], places["layer2.0.downsample.0"]
    assert (first, down) in graph.arcs
    assert not graph.linked(down)
    assert down in graph.fed[first]


class Halves(nn.Module):
    """Writes into halves of one memory."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.left, self.right, self.both = (nn.Conv2d(4, 4, 1) for _ in range(5))

    def forward(self, x: Tensor) -> Tensor:
        room = torch.zeros(1, 8, *x.shape[2:])
        room[:, :4] = self.a(x)
        low, high = room.chunk(2, dim=1)
        high.copy_(self.b(x))
        return self.left(low) + self.right(high) + self.both(room[:, 2:6])  # type: ignore[no-any-return]


def test_writes_to_parts_of_a_memory_feed_those_parts() -> None:
    found, _ = followed(Halves().eval(), torch.rand(1, 4, 3, 3))
    assert found["right"] == {"b"}
    assert found["left"] == {"a"}
    assert found["both"] == {"a", "b"}


class Around(nn.Module):
    """Goes through Python between two layers."""

    def __init__(self, way: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.first, self.last, self.way = nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1), way

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.way(self.first(x)))  # type: ignore[no-any-return]


def bytes_of(y: Tensor) -> Tensor:
    return torch.frombuffer(bytearray(y.numpy().tobytes()), dtype=torch.float32).view(y.shape)


@pytest.mark.parametrize("way", [bytes_of, lambda y: torch.tensor(y.tolist())])
def test_what_cannot_be_followed_is_not_known(way: Callable[[Tensor], Tensor]) -> None:
    taps = discover(Around(way).eval(), torch.rand(1, 3, 4, 4)).plan.taps
    known = dict(zip((tap.name for tap in taps), layer_graph(taps, taps).known, strict=True))
    assert known["first"]
    assert not known["last"]
