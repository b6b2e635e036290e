"""From `models/NAME.json` of a `.pt2` file to plain values. Nothing in it is evaluated: text of a symbolic size stays unread."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from explorer.core.untrusted_json import parsed
from explorer.engine.models.exported.output_form import form_of
from explorer.engine.models.exported.program import (
    Argument,
    Bound,
    ModuleFrame,
    Program,
    ProgramNode,
    StateName,
    TensorMeta,
    TorchConstant,
    ValueName,
)
from explorer.engine.models.weights.inert import Broken, TooMuch

MAJOR = 8  # of the schema: torch 2.5 and later; a new one is no longer read alike
NODES = 200_000
_LARGEST = 1 << 62
_OPS = "torch.ops."
_FRAMES = 200  # modules within modules


class NotRead(Exception):
    """A program that is whole and uses what is not read here: (what, todo)."""

    def __init__(self, what: str, todo: str = "") -> None:
        super().__init__(what)
        self.todo = todo


def program_of(text: bytes | memoryview) -> Program:
    """Raises Broken, TooMuch, NotRead."""
    try:
        return _program(_table(parsed(bytes(text))))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        if isinstance(error, KeyError):
            raise Broken(f"its program lacks {str(error)[:60]}") from None
        raise Broken("its program is not written as torch.export writes it") from None


def _program(held: Mapping[str, Any]) -> Program:
    version = _table(held["schema_version"])
    said = str(held.get("torch_version", ""))[:40]
    if version["major"] != MAJOR:
        number = f"{version['major']}.{version.get('minor', 0)}"[:20]
        what = f"it is written in version {number} of torch.export's schema (by torch {said or '?'}), and version {MAJOR} is read here"
        raise NotRead(what, "Export it again with torch.export.save of torch 2.6 or later.")
    graph = _table(_table(held["graph_module"])["graph"])
    signature = _table(held["graph_module"]["signature"])
    if len(graph["nodes"]) > NODES:
        raise TooMuch(f"it is a program of {len(graph['nodes']):,} operators")
    metas = {str(name): meta_of(_table(meta)) for name, meta in _table(graph["tensor_values"]).items()}
    state, inputs, constants = _inputs(signature["input_specs"], metas)
    nodes = tuple(_node(_table(node)) for node in graph["nodes"])
    outputs, written = _outputs(signature["output_specs"])
    calls = held["graph_module"].get("module_call_graph") or [{}]
    spec = (_table(calls[0]).get("signature") or {}).get("out_spec", "")
    root = next((node.stack[0].kind for node in nodes if node.stack and not node.stack[0].path), "")
    return Program(nodes, state, inputs, constants, form_of(spec, outputs), root, said, written)


# ---- the signature


def _inputs(
    specs: list[Any], metas: Mapping[str, TensorMeta]
) -> tuple[tuple[StateName, ...], tuple[tuple[str, TensorMeta], ...], tuple[tuple[str, Argument], ...]]:
    state: list[StateName] = []
    inputs: list[tuple[str, TensorMeta]] = []
    constants: list[tuple[str, Argument]] = []
    for spec in specs:
        kind, held = _one(spec)
        if kind == "parameter":
            state.append(StateName(held["arg"]["name"], _text(held["parameter_name"])))
        elif kind == "buffer":
            state.append(StateName(held["arg"]["name"], _text(held["buffer_name"]), held["persistent"] is True))
        elif kind == "tensor_constant":
            state.append(StateName(held["arg"]["name"], _text(held["tensor_constant_name"]), False))
        elif kind == "constant_input":
            constants.append((_text(held["name"]), _argument(held["value"])))
        elif kind == "user_input":
            _user_input(held["arg"], metas, inputs)
        else:
            raise NotRead(f"it takes an object of Python ({kind}), which would have to be made by running code")
    return tuple(state), tuple(inputs), tuple(constants)


def _user_input(given: Any, metas: Mapping[str, TensorMeta], inputs: list[tuple[str, TensorMeta]]) -> None:
    kind, held = _one(given)
    if kind == "as_tensor":
        inputs.append((_text(held["name"]), metas[held["name"]]))
    elif kind == "as_custom_obj":
        raise NotRead("it takes an object of Python, which would have to be made by running code")
    elif kind in ("as_sym_int", "as_sym_float", "as_sym_bool"):
        raise NotRead("its forward takes a number besides the input")


def _outputs(specs: list[Any]) -> tuple[list[Argument], int]:
    found: list[Argument] = []
    written = 0
    for spec in specs:
        kind, held = _one(spec)
        if kind == "user_output":
            found.append(_argument(held["arg"]))
        elif kind == "buffer_mutation":
            written += 1
        else:
            raise NotRead(
                f"it is more than a forward ({kind.replace('_', ' ')})", "Export the model, not its training."
            )
    return found, written


# ---- operators


def _node(node: Mapping[str, Any]) -> ProgramNode:
    target = _text(node["target"])
    pairs, keywords = [], set()
    for given in node["inputs"]:
        name = _text(given["name"])
        pairs.append((name, _argument(given["arg"])))
        if given.get("kind") == 2:
            keywords.add(name)
    stack = _table(node.get("metadata") or {}).get("nn_module_stack", "")
    return ProgramNode(
        target.removeprefix(_OPS),
        tuple(pairs),
        frozenset(keywords),
        tuple(_bound(out) for out in node["outputs"]),
        stack_of(stack if isinstance(stack, str) else ""),
    )


def stack_of(text: str) -> tuple[ModuleFrame, ...]:
    """From "key,path,class;key,path,class"; the outermost, which is the model itself, has an empty path."""
    found = []
    for part in text.split(";") if text else ():
        words = part.split(",")
        if len(words) != 3:
            return ()
        key, path, kind = words
        found.append(ModuleFrame(key, path.partition("@")[0], kind))
    if len(found) > _FRAMES:
        raise TooMuch(f"its modules are nested {len(found)} deep")
    return tuple(found)


def _bound(given: Any) -> Bound:
    kind, held = _one(given)
    if kind == "as_none":
        return None
    if kind in ("as_tensor", "as_custom_obj", "as_token"):
        return _text(held["name"])
    if kind in ("as_tensors", "as_optional_tensors"):
        return tuple(_text(each["name"]) if "name" in each else _bound(each) for each in held)
    if kind == "as_optional_tensor":
        return _bound(held)
    if kind in ("as_sym_int", "as_sym_bool", "as_sym_float") and "as_name" in held:
        return _text(held["as_name"])
    raise Broken("a result in its program is described in an unknown way")


_PLAIN: dict[str, Callable[[Any], bool]] = {
    "as_bool": lambda held: isinstance(held, bool),
    "as_int": lambda held: type(held) is int and abs(held) < 1 << 63,
    "as_string": lambda held: isinstance(held, str) and len(held) < 1000,
}
_LISTS = {"as_ints": "as_int", "as_bools": "as_bool", "as_strings": "as_string", "as_floats": "as_float"}
_SYMBOLIC = ("as_sym_int", "as_sym_bool", "as_sym_float")
_CONSTANTS: dict[str, Any] = {"as_scalar_type": "dtype", "as_memory_format": "memory_format", "as_layout": "layout"}


def _argument(given: Any) -> Argument:
    kind, held = _one(given)
    if kind == "as_none":
        return None
    if kind in _PLAIN:
        if not _PLAIN[kind](held):
            raise Broken("an argument in its program is no such value")
        return held  # type: ignore[no-any-return]
    if kind == "as_float":
        return _float(held)
    if kind == "as_tensor":
        return ValueName(_text(held["name"]))
    if kind == "as_tensors":
        return tuple(ValueName(_text(each["name"])) for each in held)
    if kind == "as_optional_tensors":
        return tuple(_argument(each) for each in held)
    if kind == "as_optional_tensor":
        return _argument(held)
    if kind in _LISTS:
        return tuple(_argument({_LISTS[kind]: each}) for each in held)
    if kind in _SYMBOLIC:
        return _symbol(held)
    if kind.removesuffix("s") in _SYMBOLIC:
        return tuple(_symbol(each) for each in held)
    if kind in _CONSTANTS:
        return TorchConstant(_CONSTANTS[kind], held if type(held) is int else -1)
    if kind == "as_device":
        return TorchConstant("device", _text(held["type"]))
    if kind == "as_complex":
        return complex(_float(held["real"]), _float(held["imag"]))
    what = {
        "as_custom_obj": "an object of Python, which would have to be made by running code",
        "as_graph": "a graph within the graph (torch.cond, a loop, or no_grad inside of the forward)",
        "as_operator": "another operator",
    }
    raise NotRead(f"an operator in it takes {what.get(kind, kind.removeprefix('as_'))}")


def _symbol(held: Any) -> Argument:
    """A number, or the name of a value that is one when the program runs. An expression is neither, and is not evaluated."""
    kind, value = _one(held)
    if kind == "as_name":
        return ValueName(_text(value))
    return _argument({kind: value})


def _float(held: Any) -> float:
    """Infinite numbers are written as text."""
    if isinstance(held, str):
        words = {"Infinity": math.inf, "-Infinity": -math.inf, "NaN": math.nan}
        return words[held]
    if isinstance(held, bool) or not isinstance(held, (int, float)):
        raise Broken("an argument in its program is no such value")
    return float(held)


# ---- tensors


def meta_of(held: Mapping[str, Any]) -> TensorMeta:
    """Raises Broken."""
    sizes = [_size(each) for each in held["sizes"]]
    strides = [_size(each)[0] for each in held["strides"]]
    offset = _size(held.get("storage_offset", {"as_int": 0}))[0]
    if len(sizes) > 32 or type(held["dtype"]) is not int:
        raise Broken("a tensor's shape is none")
    if held.get("layout", 7) != 7:
        raise NotRead("it holds sparse tensors")
    return TensorMeta(
        held["dtype"],
        tuple(size for size, _ in sizes),
        tuple(strides),
        offset,
        tuple(symbolic for _, symbolic in sizes),
    )


def _size(given: Any) -> tuple[int, bool]:
    """(number, whether it was symbolic): of a symbolic size the number that stands beside its expression, -1 without one."""
    kind, held = _one(given)
    if kind == "as_int":
        if type(held) is not int or not 0 <= held <= _LARGEST:
            raise Broken("a tensor's shape is none")
        return held, False
    if kind != "as_expr":
        raise Broken("a tensor's shape is none")
    _check_expression(_text(_table(held)["expr_str"]))
    hint = held.get("hint") or {}
    number = hint.get("as_int", -1)
    return (number if type(number) is int and 0 <= number <= _LARGEST else -1), True


# what sympy writes of sizes; torch's loader evaluates the text, and here it is not read any further
_EXPRESSION = frozenset(
    """Symbol Integer Rational Add Mul Pow Max Min Mod FloorDiv CleanDiv CeilDiv PythonMod TruncToInt CeilToInt FloorToInt
    IntTrueDiv positive integer negative nonnegative zero nonzero finite real even odd True False None""".split()
)


def _check_expression(text: str) -> None:
    """Raises NotRead for a symbolic size that is anything but arithmetic of names and whole numbers."""
    plain = re.sub(r"'[A-Za-z_]\w{0,20}'", "", text)
    if not re.fullmatch(r"[\w\s()+\-*/,=]*", plain) or not _EXPRESSION.issuperset(re.findall(r"[A-Za-z_]\w*", plain)):
        raise NotRead("a size in it is no arithmetic, but a text that torch's loader would run as Python")


# ---- JSON


def _one(held: Any) -> tuple[str, Any]:
    """A tagged union: a table with one entry."""
    (pair,) = _table(held).items()
    return pair


def _table(held: Any) -> dict[str, Any]:
    if not isinstance(held, dict):
        raise TypeError
    return held


def _text(held: Any) -> str:
    if not isinstance(held, str) or len(held) > 2000:
        raise TypeError
    return held
