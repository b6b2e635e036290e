"""Programs of torch.export are opened as what they were made from, and hostile ones run nothing."""

from __future__ import annotations

import io
import json
import os
import pickle
import re
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from program_files import compared, exported, outputs_of, reopened
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.target import Target
from explorer.engine.capture.forward import discover
from explorer.engine.capture.kernels import kernels_of
from explorer.engine.models import LoadedModel


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(8)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.conv(self.relu(self.bn(self.conv(x))))
        out += x
        return self.relu(out)  # the very layers again


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.ReLU6(inplace=True), nn.MaxPool2d(2))
        self.blocks = nn.ModuleList([Block(), Block()])
        self.register_buffer("scale", torch.full((8, 1, 1), 0.5), persistent=False)
        self.head, self.tied = nn.Linear(8, 5, bias=False), nn.Linear(8, 5, bias=False)
        self.tied.weight = self.head.weight

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        x = (x * self.scale).mean((2, 3))
        found: Tensor = self.head(x) + self.tied(x * x)
        return found


class Attending(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 16, 4, 4)
        self.norm = nn.LayerNorm(16)
        self.attention = nn.MultiheadAttention(16, 2, batch_first=True)
        self.mlp = nn.Sequential(nn.Linear(16, 32), nn.GELU(), nn.Dropout(0.1), nn.Linear(32, 16))

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        tokens = self.patches(x).flatten(2).transpose(1, 2)
        normed = self.norm(tokens)
        tokens = tokens + self.attention(normed, normed, normed, need_weights=False)[0]
        return {"tokens": tokens, "out": self.mlp(tokens).mean(1)}


def _x(side: int = 32) -> Tensor:
    return torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(3))


def _net(kind: type[nn.Module]) -> nn.Module:
    torch.manual_seed(0)
    net = kind().eval()
    for m in net.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.running_mean, m.running_var = torch.rand(8) - 0.5, torch.rand(8) + 0.5
    return net


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(_net(Small), _x(), tmp_path_factory.mktemp("pt2") / "small.pt2")


@pytest.fixture(scope="module")
def attending(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(_net(Attending), _x(), tmp_path_factory.mktemp("pt2") / "attending.pt2")


@pytest.fixture
def small(file: Path) -> LoadedModel:
    return reopened(file)


def test_every_module_gives_the_bits_of_the_original(small: LoadedModel) -> None:
    differ, same, lacking, _ = compared(_net(Small), small.module, _x())
    assert (differ, lacking) == ([], [])
    assert same == len(outputs_of(_net(Small), _x())) == 19


def test_layers_are_those_of_torch_with_the_names_of_the_model(small: LoadedModel) -> None:
    net, modules = _net(Small), dict(small.module.named_modules())
    for path, module in net.named_modules():
        if isinstance(module, nn.ModuleList):
            continue
        assert type(modules[path]).__name__ == type(module).__name__
        if type(module).__module__.startswith("torch.nn") and not isinstance(module, nn.Sequential):
            assert type(modules[path]) is type(module)
            assert repr(modules[path]) == repr(module)
    state = small.module.state_dict()
    assert state.keys() == net.state_dict().keys()
    assert all(torch.equal(state[name], value) for name, value in net.state_dict().items())
    assert small.module.get_parameter("tied.weight") is small.module.get_parameter("head.weight")


def test_what_is_known_of_layers_is_what_is_known_of_the_original(small: LoadedModel) -> None:
    own = discover(_net(Small), _x()).plan.taps
    assert [tap for tap in discover(small.module, _x()).plan.taps if tap.observable] == [t for t in own if t.observable]
    assert (
        kernels_of(small.module, small.card.preprocess).keys() == kernels_of(_net(Small), small.card.preprocess).keys()
    )


def test_the_card_says_what_it_is_and_keeps_paths_of_its_author_out(small: LoadedModel, file: Path) -> None:
    card = small.card
    assert (card.name, card.source, card.spec.id) == ("small", "pt2", f"pt2:{file}")
    assert (card.preprocess.height, card.preprocess.width) == (32, 32)  # type: ignore[union-attr]
    assert any("assumed" in note for note in card.notes)
    assert __file__ not in repr(card)


def test_attention_and_outputs_by_name(attending: Path) -> None:
    found = reopened(attending).module
    expected = _net(Attending)(_x())
    with torch.no_grad():
        given = found(_x())
    assert given.keys() == expected.keys()
    # the original takes torch's fused path for attention, the program does not
    torch.testing.assert_close(given["out"], expected["out"], rtol=1e-5, atol=1e-6)
    from explorer.engine.attention.record import find

    assert [call.heads for call in find(found, _x()).calls] == [2]


def test_gradients_pass_in_place_operators_as_in_the_original(small: LoadedModel) -> None:
    from explorer.core.attribution import AttributionSettings
    from explorer.engine.attribution.relus import guided_backprop

    def guided(net: nn.Module) -> Any:
        plan = discover(net, _x()).plan
        return guided_backprop(net, _x(), Target("", 2), plan, AttributionSettings())

    ours, own = guided(small.module), guided(_net(Small))
    assert ours.relus == own.relus
    assert (ours.values == own.values).all()


def test_a_dynamic_batch_is_one(tmp_path: Path) -> None:
    class Tokens(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 4, 4)

        def forward(self, x: Tensor) -> Tensor:
            n = x.shape[0]
            return self.conv(x).reshape(n * 2, -1).sum(1).reshape(n, 2)

    net = _net(Tokens)
    shapes = ({0: torch.export.Dim("batch")},)
    path = exported(net, _x(8).expand(2, -1, -1, -1).clone(), tmp_path / "dynamic.pt2", dynamic_shapes=shapes)
    found = reopened(path)
    assert torch.equal(found.module(_x(8)), net(_x(8)))
    assert any("batch is dynamic" in note for note in found.card.notes)


def test_a_module_that_does_something_else_at_its_second_call(tmp_path: Path) -> None:
    class Changing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 3, 3, padding=1)

        def forward(self, x: Tensor, more: bool) -> Tensor:
            return torch.tanh(self.conv(x)) if more else self.conv(x) * 2

    class Calls(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Changing()

        def forward(self, x: Tensor) -> Tensor:
            return self.inner(self.inner(x, False), True)

    net = _net(Calls)
    found = reopened(exported(net, _x(8), tmp_path / "calls.pt2"))
    for _ in range(2):
        assert compared(net, found.module, _x(8))[:3] == ([], 5, [])


def test_exported_in_training_mode_it_is_looked_at_in_evaluation_mode(tmp_path: Path) -> None:
    net = _net(Small)
    found = reopened(exported(net.train(), _x(), tmp_path / "training.pt2"))
    assert torch.equal(found.module(_x()), net.eval()(_x()))
    assert any("training mode" in note for note in found.card.notes)


# ---- hostile files

Change = Callable[[dict[str, bytes]], None]


def rewritten(path: Path, to: Path, change: Change) -> Path:
    with zipfile.ZipFile(path) as archive:
        held = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    change(held)
    with zipfile.ZipFile(to, "w") as archive:
        for name, content in held.items():
            archive.writestr(f"{to.stem}/{name}", content)
    return to


MODEL, WEIGHTS = "models/model.json", "data/weights/model_weights_config.json"
CONSTANTS = "data/constants/model_constants_config.json"


def edited(name: str, edit: Callable[[Any], None]) -> Change:
    def change(held: dict[str, bytes]) -> None:
        table = json.loads(held[name])
        edit(table)
        held[name] = json.dumps(table).encode()

    return change


class _Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch ran",)


def evil() -> bytes:
    return pickle.dumps(_Evil())


def torch_file() -> bytes:
    file = io.BytesIO()
    torch.save(_Evil(), file)
    return file.getvalue()


def _weight_pickle(held: dict[str, bytes]) -> None:
    edited(WEIGHTS, lambda table: table["config"]["stem.0.weight"].update(use_pickle=True))(held)
    held["data/weights/weight_0"] = evil()


def _opaque(held: dict[str, bytes]) -> None:
    entry = {"path_name": "opaque_obj_0", "is_param": False, "use_pickle": True, "tensor_meta": None}
    edited(CONSTANTS, lambda table: table["config"].update(thing=entry))(held)
    held["data/constants/opaque_obj_0"] = evil()


def _size(table: Any) -> None:
    expression = {"as_expr": {"expr_str": "__import__('os').system('touch ran')", "hint": {"as_int": 1}}}
    table["graph_module"]["graph"]["tensor_values"]["x"]["sizes"][0] = expression


def _target(target: str) -> Change:
    return edited(MODEL, lambda table: table["graph_module"]["graph"]["nodes"][3].update(target=target))


def _from_file(table: Any) -> None:
    node = table["graph_module"]["graph"]["nodes"][0]
    node["target"] = "torch.ops.aten.from_file.default"
    node["inputs"] = [{"name": "filename", "arg": {"as_string": "ran"}, "kind": 1}]
    node["inputs"] += [{"name": "shared", "arg": {"as_bool": True}}, {"name": "size", "arg": {"as_int": 8}}]


def _object(table: Any) -> None:
    spec = {"custom_obj": {"arg": {"name": "obj", "class_fqn": "a.B"}, "custom_obj_name": "obj"}}
    table["graph_module"]["signature"]["input_specs"].insert(0, spec)


HOSTILE: dict[str, tuple[Change, str]] = {
    "example inputs": (lambda held: held.update({"data/sample_inputs/model.pt": evil()}), "system"),
    "example inputs in an archive": (lambda held: held.update({"data/sample_inputs/model.pt": torch_file()}), "system"),
    "a weight that is a pickle": (_weight_pickle, "Python object"),
    "an opaque object": (_opaque, "Python object"),
    "a size that is a program": (edited(MODEL, _size), "run as Python"),
    "a native library": (lambda held: held.update({"data/aotinductor/model/a.so": b"\x7fELF"}), "AOTInductor"),
    "a function of Python": (_target("os.system"), "os.system"),
    "an operator that writes files": (edited(MODEL, _from_file), "from_file"),
    "an operator of another library": (_target("torch.ops.evil.run.default"), "evil.run"),
    "an operator that checks nothing": (_target("torch.ops.aten._unsafe_masked_index.default"), "_unsafe_masked_index"),
    "a builtin of TorchScript": (_target("torch.ops.aten.save.default"), "aten.save"),
    "an object as input": (edited(MODEL, _object), "object of Python"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_runs_nothing_and_is_refused_in_a_line(
    file: Path, tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    change, word = HOSTILE[what]
    with pytest.raises(ExplorerError) as caught:
        reopened(rewritten(file, tmp_path / "hostile.pt2", change))
    assert word in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "damaged" not in str(caught.value)
    assert len(str(caught.value)) < 450
    assert not (tmp_path / "ran").exists()


# ---- what cannot be opened says why


def _shape(*sizes: int) -> Change:
    def edit(table: Any) -> None:
        table["graph_module"]["graph"]["tensor_values"]["x"]["sizes"] = [{"as_int": size} for size in sizes]

    return edited(MODEL, edit)


def _loop(table: Any) -> None:
    node = table["graph_module"]["graph"]["nodes"][0]
    node["target"] = "torch.ops.higher_order.cond"


REFUSED: dict[str, tuple[Change, str]] = {
    "another schema": (edited(MODEL, lambda t: t.update(schema_version={"major": 9, "minor": 1})), "version 9.1"),
    "another archive": (lambda held: held.update(archive_version=b"3"), "of version 3"),
    "an older layout": (lambda held: held.update({"serialized_exported_program.json": b"{}"}), "another layout"),
    "a batch of four": (_shape(4, 3, 32, 32), "exactly 4 pictures"),
    "tokens": (_shape(1, 32), "no batch of pictures"),
    "channels last": (_shape(1, 224, 224, 3), "channels come last"),
    "a graph within the graph": (edited(MODEL, _loop), "higher_order.cond"),
    "two programs": (lambda held: held.update({"models/b.json": held[MODEL]}), "2 programs"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_not_read_is_named(file: Path, tmp_path: Path, what: str) -> None:
    change, word = REFUSED[what]
    with pytest.raises(ExplorerError, match=re.escape(word)) as caught:
        reopened(rewritten(file, tmp_path / "other.pt2", change))
    assert "damaged" not in str(caught.value)


BROKEN: dict[str, Change] = {
    "no program": lambda held: held.pop(MODEL) and None,
    "no JSON": lambda held: held.update({MODEL: b"{"}),
    "a list": lambda held: held.update({MODEL: b"[]"}),
    "nested without end": lambda held: held.update({MODEL: b"[" * 100_000}),
    "a weight too short": lambda held: held.update({"data/weights/weight_0": b"1234"}),
    "no weight": lambda held: held.pop("data/weights/weight_0") and None,
    "a value that nobody made": edited(MODEL, lambda t: t["graph_module"]["graph"]["nodes"].pop(0)),
    "a part that cannot be": edited(
        MODEL,
        lambda t: t["graph_module"]["signature"]["input_specs"][0]["parameter"].update(parameter_name="__class__"),
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_damaged_program_is_refused_in_a_line(file: Path, tmp_path: Path, what: str) -> None:
    with pytest.raises(ExplorerError) as caught:
        reopened(rewritten(file, tmp_path / "broken.pt2", BROKEN[what]))
    assert "\n" not in str(caught.value)


def test_every_cut_is_refused(file: Path, tmp_path: Path) -> None:
    whole = file.read_bytes()
    for size in range(0, len(whole), len(whole) // 40):
        (tmp_path / "cut.pt2").write_bytes(whole[:size])
        with pytest.raises(ExplorerError):
            reopened(tmp_path / "cut.pt2")


def test_it_opens_where_the_compiler_and_the_exporter_are_missing(file: Path) -> None:
    """As in the packages; nothing of torch's own reader is imported."""
    code = f"""
import sys
for gone in ("torch._dynamo", "torch._inductor", "sympy", "mpmath", "networkx", "functorch"):
    sys.modules[gone] = None
import torch
before = set(sys.modules)
from explorer.core.models import ModelSpec
from explorer.engine.models import open_model
found = open_model(ModelSpec({str(file)!r})).module(torch.zeros(1, 3, 32, 32))
print(tuple(found.shape), sorted(n for n in set(sys.modules) - before if n.startswith(("torch._export", "torch.export.pt2"))))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "(1, 5) []"


# ---- layers that only look like those of torch


class _WithoutItsBias(nn.Linear):
    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.linear(x, self.weight)


class _OnABuffer(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.register_buffer("weight", torch.randn(outputs, inputs))

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.linear(x, self.weight)


class _SeenAsOtherNumbers(nn.Linear):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).view(torch.int32).float()


@pytest.mark.parametrize("kind", [_WithoutItsBias, _OnABuffer, _SeenAsOtherNumbers])
def test_what_a_layer_does_with_its_state_decides(kind: Callable[[int, int], nn.Module], tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), kind(4, 5)).eval()
    held = reopened(exported(net, _x(), tmp_path / "net.pt2")).module
    assert list(held.state_dict()) == list(net.state_dict())
    assert torch.equal(held(_x()), net(_x()))


class _Mirrored(nn.Conv2d):
    """Written out by torch as 31 - |x|: a number minus a tensor."""

    def __init__(self) -> None:
        super().__init__(3, 4, 3, padding=1, padding_mode="reflect")

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.interpolate(super().forward(x), scale_factor=0.7, mode="nearest-exact")


@pytest.mark.parametrize("decomposed", [False, True])
def test_numbers_before_tensors_and_sizes_rounded_exactly(decomposed: bool, tmp_path: Path) -> None:
    net = _Mirrored().eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.export.export(net, (_x(),))
        torch.export.save(program.run_decompositions() if decomposed else program, tmp_path / "net.pt2")
    assert torch.equal(reopened(tmp_path / "net.pt2").module(_x()), net(_x()))


# ---- sizes


def _repeated(table: Any) -> None:
    """A weight of 2^40 numbers that are all one."""
    entry = next(iter(table["config"].values()))
    meta = entry["tensor_meta"]
    meta["sizes"] = [{"as_int": 1 << 40}] + [{"as_int": 1}] * (len(meta["sizes"]) - 1)
    meta["strides"] = [{"as_int": 0} for _ in meta["strides"]]


@pytest.mark.parametrize(
    "change", [edited(WEIGHTS, _repeated), _shape(1, 1 << 40, 224, 224), _shape(1, 3, 1 << 31, 1 << 31)]
)
def test_sizes_without_end_are_refused(file: Path, tmp_path: Path, change: Change) -> None:
    with pytest.raises(ExplorerError, match=r"larger inside|no batch of pictures"):
        reopened(rewritten(file, tmp_path / "large.pt2", change))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pt2")
    with pytest.raises(ExplorerError, match="not a file"):
        reopened(tmp_path / "pipe.pt2")
