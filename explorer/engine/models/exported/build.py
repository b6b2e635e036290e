"""From a program and its tensors to a module: the model's own tree of paths and classes, real layers of torch at its leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from explorer.core.translation import tr
from explorer.engine.models.exported import operators
from explorer.engine.models.exported.call_tree import (
    ProgramCall,
    bound_in,
    call_tree,
    calls_by_path,
    names_in,
    said_of,
    used_by,
)
from explorer.engine.models.exported.leaves import BUFFERS, PARAMETERS, LayerPlan, layer_plan
from explorer.engine.models.exported.program import (
    Argument,
    Bound,
    Program,
    ProgramNode,
    StateName,
    TorchConstant,
    ValueName,
)
from explorer.engine.models.exported.program_json import NotRead
from explorer.engine.models.exported.program_module import (
    ForwardSteps,
    FromState,
    FromValue,
    ModuleStep,
    OnDevice,
    OperatorStep,
    ProgramModule,
    Step,
    named_module,
)
from explorer.engine.models.weights.inert import Broken

DTYPES = {
    1: torch.uint8, 2: torch.int8, 3: torch.int16, 4: torch.int32, 5: torch.int64, 6: torch.float16, 7: torch.float32,
    8: torch.float64, 9: torch.complex32, 10: torch.complex64, 11: torch.complex128, 12: torch.bool, 13: torch.bfloat16,
    28: torch.uint16, 29: torch.float8_e4m3fn, 30: torch.float8_e5m2, 31: torch.float8_e4m3fnuz, 32: torch.float8_e5m2fnuz,
    33: torch.float8_e8m0fnu, 34: torch.uint32, 35: torch.uint64,
}  # fmt: skip
_FORMATS = {1: torch.contiguous_format, 2: torch.channels_last, 3: torch.channels_last_3d, 4: torch.preserve_format}


def build(program: Program, tensors: Mapping[str, Tensor], parameters: frozenset[str]) -> nn.Module:
    """The module. `tensors`: by their names in the model; `parameters`: which of them are parameters.

    Raises NotRead for an operator that is not run here, Broken where the program does not hold together.
    """
    return _Builder(program, tensors, parameters).built()


class _Builder:
    def __init__(self, program: Program, tensors: Mapping[str, Tensor], parameters: frozenset[str]) -> None:
        self.program = _without_checks(program)
        self.tensors, self.parameters = tensors, parameters
        self.state = {held.value: held for held in program.state}
        self.constants = dict(program.constants)
        self.shapes = {held.value: tuple(tensors[held.name].shape) for held in program.state if held.name in tensors}
        self.modules: dict[str, nn.Module] = {}
        self.layers: dict[str, LayerPlan] = {}
        self.made: dict[int, nn.Parameter] = {}
        self.turns: dict[int, int] = {}  # calls of modules that do not do the same each time

    def built(self) -> nn.Module:
        tree = call_tree(self.program)
        calls = calls_by_path(tree)
        for path, found in calls.items():
            self.modules[path] = self._module(path, found)
        self._hold(tree.kind)
        alike = {path: self._alike(found) for path, found in calls.items()}
        self.turns = {id(call): n for path, found in calls.items() if not alike[path] for n, call in enumerate(found)}
        for path, found in calls.items():
            module = self.modules[path]
            if isinstance(module, ProgramModule):
                module.set_forwards(tuple(self._steps(call) for call in (found[:1] if alike[path] else found)))
        return self.modules[""]

    # ---- the tree of modules

    def _module(self, path: str, calls: list[ProgramCall]) -> nn.Module:
        plan = self._layer(path, calls) if path else None
        if plan is None:
            return named_module(calls[0].kind)
        self.layers[path] = plan
        return plan.make()

    def _layer(self, path: str, calls: list[ProgramCall]) -> LayerPlan | None:
        """The layer of torch that all calls of this module are."""
        plans = []
        for call in calls:
            node = call.items[0]
            if len(call.items) != 1 or not isinstance(node, ProgramNode):
                return None
            plan = layer_plan(node, call.kind, self.shapes, set(self.state))
            if plan is None or not self._all_own(path, dict(plan.state)):
                return None
            if call.inputs != (plan.source,) or len(call.outputs) != 1:
                return None
            plans.append(plan)
        return plans[0] if all(plan.said == plans[0].said for plan in plans) else None

    def _all_own(self, path: str, used: Mapping[str, str]) -> bool:
        """Whether an operator takes all the state at `path` that a layer would, as the parameters and buffers that it has.

        `used`: the layer's names -> values. A module may hold a bias that its forward does not add.
        """
        for name in (*PARAMETERS, *BUFFERS):
            full = f"{path}.{name}"
            if name not in used:
                if full in self.tensors:
                    return False
            elif not self._own(used[name], full) or self._is_parameter(full) != (name in PARAMETERS):
                return False
        return True

    def _own(self, value: str, name: str) -> bool:
        """Whether a value is the state of that name: tied weights go by the name of one of them."""
        own = self.tensors.get(self.state[value].name)
        return own is not None and self.tensors.get(name) is own

    def _is_parameter(self, name: str) -> bool:
        tensor = self.tensors[name]
        return name in self.parameters and (tensor.is_floating_point() or tensor.is_complex())

    def _hold(self, kind: str) -> None:
        """Parameters, buffers and modules at their places."""
        self.modules.setdefault("", named_module(kind))
        for path in sorted(self.modules, key=lambda path: path.count(".")):
            self._parent(path)
        for held in self.program.state:
            if held.name not in self.tensors:
                raise Broken(tr("the numbers of {held} are not in it", held=held.name[:80]))
            self._put(held)
        for path in self.layers:
            _complete(self.modules[path], path)

    def _parent(self, path: str) -> None:
        """Hangs a module into the one above it, which is made where nobody calls it."""
        if not path:
            return
        above, _, name = path.rpartition(".")
        if above not in self.modules:
            self.modules[above] = named_module("Module")
            self._parent(above)
        parent = self.modules[above]
        if name not in parent._modules:
            _placed(lambda: parent.add_module(name, self.modules[path]), path)

    def _put(self, held: StateName) -> None:
        path, _, name = held.name.rpartition(".")
        if path not in self.modules:
            self.modules[path] = named_module("Module")
            self._parent(path)
        owner, tensor = self.modules[path], self.tensors[held.name]
        if self._is_parameter(held.name):
            # tensors that are one memory are one parameter: tied weights
            parameter = self.made.setdefault(id(tensor), nn.Parameter(tensor))
            if name in owner._parameters:
                owner._parameters[name] = parameter
            else:
                _placed(lambda: owner.register_parameter(name, parameter), held.name)
        elif name in owner._buffers:
            owner._buffers[name] = tensor
        else:
            _placed(lambda: owner.register_buffer(name, tensor, held.persistent), held.name)

    # ---- what they do

    def _alike(self, calls: list[ProgramCall]) -> bool:
        """Whether all calls of a module do the same with other values."""
        kept = self.state.keys() | self.constants.keys()
        return len(calls) == 1 or len({said_of(call, kept) for call in calls}) == 1

    def _steps(self, call: ProgramCall) -> ForwardSteps:
        result: Any = self.program.outputs if not call.path else tuple(ValueName(name) for name in call.outputs)
        if call.path and len(call.outputs) == 1:
            result = ValueName(call.outputs[0])
        steps: list[Step] = [self._step(item) for item in call.items]
        resolved = self._argument(result)
        return ForwardSteps(call.inputs, _dropping(steps, resolved), resolved)

    def _step(self, item: ProgramNode | ProgramCall) -> Step:
        if isinstance(item, ProgramCall):
            outputs: Bound = item.outputs[0] if len(item.outputs) == 1 else item.outputs
            inputs = tuple(self._argument(ValueName(name)) for name in item.inputs)
            return ModuleStep(self.modules[item.path], self.turns.get(id(item), 0), inputs, outputs)
        function, by_name = operators.function_of(item)
        args, kwargs = [], {}
        for name, given in item.args:
            value = self._argument(given)
            if by_name and name in operators.LEFT_OUT:
                continue
            if by_name or name in item.keywords:
                kwargs[name] = value
            else:
                args.append(value)
        outputs = item.outputs[0] if len(item.outputs) == 1 else tuple(item.outputs)
        return OperatorStep(function, tuple(args), kwargs, outputs)

    def _argument(self, given: Argument) -> Any:
        if isinstance(given, ValueName):
            if given.name in self.constants:
                return self._argument(self.constants[given.name])
            if given.name in self.state:
                path, _, name = self.state[given.name].name.rpartition(".")
                return FromState(self.modules[path], name)
            return FromValue(given.name)
        if isinstance(given, TorchConstant):
            return _constant(given)
        if isinstance(given, tuple):
            return tuple(self._argument(each) for each in given)
        if isinstance(given, dict):
            return {key: self._argument(each) for key, each in given.items()}
        return given


def _constant(given: TorchConstant) -> Any:
    """Raises NotRead."""
    if given.kind == "device":
        return OnDevice()
    tables: dict[str, Mapping[Any, Any]] = {"dtype": DTYPES, "memory_format": _FORMATS, "layout": {7: torch.strided}}
    known = tables[given.kind]
    if given.value not in known:
        raise NotRead(
            tr(
                "it names a {kind} that is not known here ({given})",
                kind=given.kind.replace("_", " "),
                given=given.value,
            )
        )
    return known[given.value]


def _placed(place: Callable[[], None], name: str) -> None:
    """Raises NotRead for a name that torch's modules cannot hold."""
    try:
        place()
    except (KeyError, TypeError):
        raise NotRead(tr("a part of it is called {name!r}, which no module can hold", name=name[:80])) from None


def _complete(layer: nn.Module, path: str) -> None:
    """Raises Broken where a layer has numbers that the file lacks; how many batches training saw is not needed."""
    for name, held in (*layer._parameters.items(), *layer._buffers.items()):
        if held is not None and held.is_meta:
            if name != "num_batches_tracked":
                raise Broken(tr("the numbers of {path}.{name} are not in it", path=path[:80], name=name))
            layer._buffers[name] = torch.zeros((), dtype=torch.int64)


def _without_checks(program: Program) -> Program:
    """Without operators that only check, and without the numbers that only these needed. Raises Broken, NotRead."""
    known = (
        {name for name, _ in program.inputs} | {held.value for held in program.state} | dict(program.constants).keys()
    )
    for node in program.nodes:
        if any(name not in known for name in used_by(node)):
            raise Broken(tr("an operator in it takes a value that nothing has made"))
        known |= {name for bound in node.outputs for name in bound_in(bound)}
    used = set(names_in(program.outputs))
    if not used <= known:
        raise Broken(tr("it returns a value that nothing has made"))
    kept: list[ProgramNode] = []
    for node in reversed(program.nodes):
        made = {name for bound in node.outputs for name in bound_in(bound)}
        number = operators.is_number_function(node.target) or node.target == "aten.sym_size.int"
        if node.target in operators.CHECKS or (number and not made & used):
            continue
        used |= set(used_by(node))
        kept.append(node)
    return replace(program, nodes=tuple(reversed(kept)))


def _dropping(steps: list[Step], result: Any) -> tuple[Step, ...]:
    """The steps with the values that each is the last to need."""
    needed = set(_from_values(result))
    found: list[Step] = []
    for step in reversed(steps):
        taken = set(_from_values(step.inputs if isinstance(step, ModuleStep) else (*step.args, step.kwargs)))
        last = (taken | set(bound_in(step.outputs))) - needed
        needed |= taken
        found.append(replace(step, drop=tuple(sorted(last))))
    return tuple(reversed(found))


def _from_values(given: Any) -> Iterator[str]:
    if isinstance(given, FromValue):
        yield given.name
    elif isinstance(given, (tuple, dict)):
        for each in given.values() if isinstance(given, dict) else given:
            yield from _from_values(each)
