"""The graph of an ONNX model as plain values: which operator takes and gives which values, and what each depends on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from explorer.core.arrays import Array
from explorer.core.translation import tr
from explorer.engine.models.onnx.node_paths import paths_of
from explorer.engine.models.onnx.onnx_file import OnnxFile, array_of
from explorer.engine.models.weights import names
from explorer.engine.models.weights.inert import Broken

_RANDOM = frozenset("RandomNormal RandomUniform RandomNormalLike RandomUniformLike Multinomial Bernoulli".split())
_SHAPES = frozenset(("Shape", "Size"))


@dataclass(frozen=True, slots=True, eq=False)
class OnnxNode:
    """One operator. `inputs` may hold "" for one that is left out; `outer`: values that graphs inside it use."""

    op: str
    domain: str
    path: str  # the name of its layer
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    outer: tuple[str, ...]
    attributes: Mapping[str, Any]
    proto: Any
    gives: tuple[str, ...] = field(init=False)  # asked at each layer of each forward

    def __post_init__(self) -> None:
        object.__setattr__(self, "gives", tuple(name for name in self.outputs if name))

    @property
    def takes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name in (*self.inputs, *self.outer) if name))


@dataclass(frozen=True, slots=True, eq=False)
class OnnxGraph:
    """`nodes`: in order, without those that only make constants. `layers`: of them, those whose values the numbers of the input
    have a part in; the others compute with shapes."""

    nodes: tuple[OnnxNode, ...]
    layers: tuple[OnnxNode, ...]
    constants: dict[str, Array]
    inputs: tuple[Any, ...]  # onnx.ValueInfoProto of what a forward is given
    outputs: tuple[str, ...]
    proto: Any
    makers: Mapping[str, int]  # number of the node that gives a value

    def needed(self, wanted: Collection[str], held: Collection[str]) -> tuple[list[OnnxNode], list[str], list[str]]:
        """(nodes that compute the values `wanted`, the values of `held` and of the inputs that they start from, constants)."""
        numbers: set[int] = set()
        feeds: dict[str, None] = {}
        constants: dict[str, None] = {}
        given = {value.name for value in self.inputs}
        left = [name for name in wanted if name not in held]
        while left:
            name = left.pop()
            if name in held or name in given:
                feeds[name] = None
            elif name in self.makers:
                if self.makers[name] not in numbers:
                    numbers.add(self.makers[name])
                    left += self.nodes[self.makers[name]].takes
            else:
                constants[name] = None
        return [self.nodes[number] for number in sorted(numbers)], sorted(feeds), sorted(constants)

    def behind(self, changed: Collection[str]) -> set[str]:
        """The values that depend on these."""
        found = set(changed)
        for node in self.nodes:
            if not found.isdisjoint(node.takes):
                found.update(node.gives)
        return found - set(changed)


def graph_of(file: OnnxFile) -> OnnxGraph:
    """Raises Broken, TooMuch, NotRead."""
    graph, constants = file.proto.graph, file.constants
    fixed = {
        *constants,
        *(tensor.name for tensor in graph.initializer),
        *(s.values.name for s in graph.sparse_initializer),
    }
    inputs = tuple(value for value in graph.input if value.name not in fixed)
    known = {*fixed, *(value.name for value in inputs)}
    moving = {value.name for value in inputs}  # what depends on the input: its numbers, or its shape alone
    shapes: set[str] = set()
    nodes: list[tuple[Any, tuple[str, ...], bool]] = []
    for proto in graph.node:
        outer = tuple(name for name in _outer(proto) if name not in proto.input)
        takes = [name for name in (*proto.input, *outer) if name]
        unknown = next((name for name in takes if name not in known), None)
        again = next((name for name in proto.output if name and name in known), None)
        if unknown is not None:
            raise Broken(tr("nothing before it gives {name}, which an operator takes", name=names.shown(unknown, 60)))
        if again is not None:
            raise Broken(tr("two operators give {name}", name=names.shown(again, 60)))
        known.update(proto.output)
        alive = [name for name in takes if name in moving]
        of_shapes = bool(alive) and (proto.op_type in _SHAPES or all(name in shapes for name in alive))
        if alive or proto.op_type in _RANDOM:
            moving.update(name for name in proto.output if name)
            shapes.update(name for name in proto.output if name and of_shapes)
            nodes.append((proto, outer, of_shapes))
        elif not _constant(proto, constants):
            nodes.append((proto, outer, True))
    missing = next((value.name for value in graph.output if value.name not in known), None)
    if missing is not None:
        raise Broken(tr("nothing gives its output {name}", name=names.shown(missing, 60)))
    layers = [proto for proto, _, of_shapes in nodes if not of_shapes]
    paths = dict(zip(map(id, layers), paths_of(layers), strict=True))
    made = tuple(_node(proto, outer, paths.get(id(proto), "")) for proto, outer, _ in nodes)
    makers = {name: number for number, node in enumerate(made) for name in node.gives}
    outputs = tuple(value.name for value in graph.output)
    return OnnxGraph(made, tuple(n for n in made if n.path), constants, inputs, outputs, file.proto, makers)


def _constant(proto: Any, constants: dict[str, Array]) -> bool:
    """Whether an operator without inputs that move only names or holds a constant, which is noted."""
    if proto.op_type == "Identity" and proto.input and proto.input[0] in constants:
        constants[proto.output[0]] = constants[proto.input[0]]
        return True
    if proto.op_type == "Constant" and len(proto.attribute) == 1 and proto.attribute[0].name == "value":
        array = array_of(proto.attribute[0].t)
        if array is not None:
            constants[proto.output[0]] = array
            return True
    return False


def _node(proto: Any, outer: tuple[str, ...], path: str) -> OnnxNode:
    return OnnxNode(
        proto.op_type, proto.domain, path, tuple(proto.input), tuple(proto.output), outer, _attributes(proto), proto
    )


def _attributes(proto: Any) -> dict[str, Any]:
    from onnx import helper

    plain = (1, 2, 3, 6, 7, 8)  # numbers, texts, and lists of them
    return {each.name: helper.get_attribute_value(each) for each in proto.attribute if each.type in plain}


def _outer(proto: Any) -> Iterator[str]:
    """Values from around it that the graphs in a node's attributes use."""
    for attribute in proto.attribute:
        for graph in [attribute.g] if attribute.HasField("g") else list(attribute.graphs):
            own = {value.name for value in graph.input} | {tensor.name for tensor in graph.initializer}
            for node in graph.node:
                yield from (name for name in (*node.input, *_outer(node)) if name and name not in own)
                own.update(node.output)
            yield from (value.name for value in graph.output if value.name not in own)


def operators(graph: OnnxGraph) -> Counter[str]:
    """How many there are of each kind."""
    return Counter(node.op for node in graph.layers)
