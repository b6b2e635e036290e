"""What each cell of a layer can reach in the input, by autograd in a network in which no path is cancelled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
import torch.autograd.forward_ad as fwAD
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from explorer.core.activations import Layout, Tap
from explorer.core.boxes import Box, ReceptiveField
from explorer.engine.capture.outputs import tensors_of

Cell = tuple[int, int]
Extent = tuple[int, int, int, int]  # y0, x0, y1, x1 of whole pixels


def _identity(x: Tensor, *_: Any, **__: Any) -> Tensor:
    return x * 1


def _mean_pool(x: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
               ceil_mode: bool = False, return_indices: bool = False) -> Tensor:  # fmt: skip
    assert not return_indices
    if dilation not in (1, (1, 1)):
        assert not ceil_mode
        kernel = (kernel_size,) * 2 if isinstance(kernel_size, int) else kernel_size
        ones = torch.ones(x.shape[1], 1, *kernel, dtype=x.dtype)
        return F.conv2d(x, ones, None, stride or kernel_size, padding, dilation, x.shape[1])
    return F.avg_pool2d(x, kernel_size, stride or kernel_size, padding, ceil_mode)


# where a function passes the gradient of some values only, one that passes all
SMOOTH: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(
        "relu relu_ relu6 hardtanh hardtanh_ leaky_relu leaky_relu_ clamp clamp_ clamp_min hardswish hardswish_".split(), _identity),
    **dict.fromkeys("hardsigmoid hardsigmoid_ threshold threshold_ elu elu_ selu celu gelu silu silu_ mish softplus".split(), _identity),
    "max_pool2d": _mean_pool,
    "adaptive_max_pool2d": lambda x, size, *_, **__: F.adaptive_avg_pool2d(x, size),
    **dict.fromkeys("sigmoid tanh".split(), torch.asinh),  # of large values these have none at all
    "maximum": torch.add,
    "minimum": torch.add,
}  # fmt: skip


class Smooth(TorchFunctionMode):
    """Replaces functions whose gradient is zero for some values; in-place ones keep the tensor they were given."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = getattr(func, "__name__", "")
        if name not in SMOOTH:
            return func(*args, **(kwargs or {}))
        if name.endswith("_") or (kwargs or {}).get("inplace"):
            return args[0]
        return SMOOTH[name](*args, **(kwargs or {}))


def positive(net: nn.Module, seed: int = 0) -> nn.Module:
    """The network in double precision with positive weights of small sums, so that nothing is cancelled and nothing overflows."""
    draw = torch.Generator().manual_seed(seed)
    net = net.double().eval()
    with torch.no_grad():
        for name, p in net.named_parameters():
            if p.dim() > 1:
                values = torch.rand(p.shape, generator=draw, dtype=torch.float64) + 0.5
                p.copy_(values * (0.7 / p[0].numel()))
            elif name.endswith("bias"):
                p.copy_(torch.rand(p.shape, generator=draw, dtype=torch.float64) * 0.1)
            else:
                p.copy_(torch.rand(p.shape, generator=draw, dtype=torch.float64) + 0.5)
    return net


@dataclass(frozen=True)
class Reached:
    tap: Tap
    cell: Cell
    extent: Extent | None  # None: no pixel


def grown(net: nn.Module, x: Tensor, taps: Iterable[Tap]) -> tuple[Tensor, dict[str, Tensor]]:
    """One forward with its graph: the input as a leaf, and the tensor of each tap at the moment when its module returned."""
    wanted: dict[tuple[str, int], list[Tap]] = {}
    for tap in taps:
        wanted.setdefault((tap.path, tap.call), []).append(tap)
    counts: dict[str, int] = {}
    found: dict[str, Tensor] = {}
    handles = []

    def begin(path: str) -> Any:
        def hook(_m: nn.Module, _a: object) -> None:
            counts[path] = counts.get(path, -1) + 1
            running.append((path, counts[path]))

        return hook

    def end(_m: nn.Module, _a: object, output: object) -> None:
        for tap in wanted.get(running.pop(), ()):
            found[tap.name] = tensors_of(output)[tap.key] * 1

    running: list[tuple[str, int]] = []
    for path, m in net.named_modules():
        if isinstance(m, (nn.modules.batchnorm._BatchNorm, nn.modules.instancenorm._InstanceNorm)):
            handles.append(m.register_forward_hook(_in_order))
        handles += [m.register_forward_pre_hook(begin(path)), m.register_forward_hook(end)]
    forward_mode = fwAD.unpack_dual(x).tangent is not None if fwAD._current_level >= 0 else False
    leaf = x if forward_mode else x.clone().requires_grad_()
    try:
        with torch.set_grad_enabled(not forward_mode), Smooth():
            net(leaf * 1)
    finally:
        for handle in handles:
            handle.remove()
    return leaf, found


def _in_order(_module: nn.Module, _args: object, out: Tensor) -> None:
    """torch reads the gradient of a normalisation in the wrong order where its strides are those of a transposed tensor."""
    if out.requires_grad:
        out.register_hook(lambda slope: torch.empty_like(out, requires_grad=False).copy_(slope))


def of_cell(tap: Tap, tensor: Tensor, cell: Cell) -> Tensor:
    """All channels of one cell."""
    y, x = cell
    if tap.layout in (Layout.NCHW, Layout.NHWC):
        item = tensor[0]
        return item[:, y, x] if tap.layout == Layout.NCHW else item[y, x]
    rows = tensor.reshape(-1, tensor.shape[-1])[tap.prefix :]
    assert tap.grid is not None
    number = y * tap.grid[1] + x
    return rows[number if tap.order is None else tap.order.index(number)]


def reached(
    net: nn.Module, x: Tensor, taps: Iterable[Tap], cells: Callable[[Tap], Iterable[Cell]]
) -> Iterator[Reached]:
    """Which pixels have a gradient, for the cells of each tap; of taps that no gradient gets to nothing comes."""
    taps = list(taps)
    leaf, found = grown(net, x, taps)
    for tap in taps:
        tensor = found.get(tap.name)
        if tensor is None or not tensor.requires_grad:
            continue
        for cell in cells(tap):
            values = of_cell(tap, tensor, cell)
            weights = torch.linspace(1, 2, values.numel(), dtype=values.dtype)
            (slope,) = torch.autograd.grad((values * weights).sum(), leaf, retain_graph=True, allow_unused=True)
            yield Reached(tap, cell, None if slope is None else _extent(slope[0] != 0))


def _extent(touched: Tensor) -> Extent | None:
    rows, columns = (torch.nonzero(touched.any(0).any(side)).flatten() for side in (1, 0))
    return None if not len(rows) else (int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)


def claimed(field: ReceptiveField, cell: Cell, size: tuple[int, int]) -> Extent | None:
    """The pixels of the picture that the box of a cell names."""
    whole = Box(0.0, 0.0, float(size[0]), float(size[1]))
    box = whole if field.whole else field.box(*cell).cut(whole)
    y0, x0, y1, x1 = int(box.y0 // 1), int(box.x0 // 1), -int(-box.y1 // 1), -int(-box.x1 // 1)
    return None if y1 <= y0 or x1 <= x0 else (y0, x0, y1, x1)


def verdict(seen: Reached, size: tuple[int, int]) -> str:
    """'' where what is said of a cell is true, else what is wrong with it."""
    field = seen.tap.receptive
    assert field is not None
    told = claimed(field, seen.cell, size)
    what = f"{seen.tap.name} {seen.cell}: claimed {told}{'' if field.exact else ' at most'}, reached {seen.extent}"
    if seen.extent is not None:
        if told is None:
            return what
        inside = (
            told[0] <= seen.extent[0]
            and told[1] <= seen.extent[1]
            and told[2] >= seen.extent[2]
            and told[3] >= seen.extent[3]
        )
        if not inside:
            return what
    if field.exact and not field.whole and told != seen.extent:
        return what
    return ""


def corners(tap: Tap) -> list[Cell]:
    """An inner cell, the first and the last, and two at the sides."""
    assert tap.grid is not None
    h, w = tap.grid
    return sorted({(h // 2, w // 2), (0, 0), (h - 1, w - 1), (0, w - 1), (h - 1, w // 2)})


def swept(net: nn.Module, x: Tensor, taps: Iterable[Tap], together: int = 64) -> dict[str, tuple[Tensor, Tensor]]:
    """Which rows and which columns of the input reach each cell: (H, h, w) and (W, h, w) booleans by tap, in one way through the
    network, by derivatives along a row or column of pixels. Of taps whose first dimension is the batch."""
    height, width = int(x.shape[-2]), int(x.shape[-1])
    along = torch.zeros(height + width, 1, height, width, dtype=x.dtype)
    along[range(height), :, range(height)] = 1
    for column in range(width):
        along[height + column, :, :, column] = 1
    found: dict[str, list[Tensor]] = {}
    for part in along.split(together):
        for name, touched in _touched(net, x, taps, part):
            found.setdefault(name, []).append(touched)
    joined = {name: torch.cat(parts) for name, parts in found.items()}
    return {name: (both[:height], both[height:]) for name, both in joined.items()}


def _touched(net: nn.Module, x: Tensor, taps: Iterable[Tap], along: Tensor) -> Iterator[tuple[str, Tensor]]:
    wanted = [tap for tap in taps if tap.batched]
    with fwAD.dual_level(), torch.no_grad():
        given = fwAD.make_dual(x.expand(len(along), *x.shape[1:]).clone(), along.expand(-1, x.shape[1], -1, -1).clone())
        for name, tensor in grown(net, given, wanted)[1].items():
            tap = next(tap for tap in wanted if tap.name == name)
            slope = fwAD.unpack_dual(tensor).tangent
            assert tap.grid is not None
            if slope is None:  # no pixel reaches it
                slope = torch.zeros_like(tensor)
            assert slope.shape[0] == len(along)
            yield name, _by_cell(slope != 0, tap)


def _by_cell(touched: Tensor, tap: Tap) -> Tensor:
    """(N, h, w): whether any channel of a cell is touched."""
    assert tap.grid is not None
    if tap.layout in (Layout.NCHW, Layout.NHWC):
        return touched.any(1 if tap.layout == Layout.NCHW else 3)
    rows = touched.reshape(len(touched), -1, touched.shape[-1]).any(2)[:, tap.prefix :]
    if tap.order is not None:
        rows = rows[:, [tap.order.index(number) for number in range(tap.grid[0] * tap.grid[1])]]
    return rows.reshape(len(touched), *tap.grid)


def verdicts(tap: Tap, rows: Tensor, columns: Tensor) -> list[str]:
    """What is wrong with what is said of the cells of a tap, every one of them."""
    assert tap.grid is not None
    size = (len(rows), len(columns))
    found = []
    for y in range(tap.grid[0]):
        for x in range(tap.grid[1]):
            ys, xs = torch.nonzero(rows[:, y, x]).flatten(), torch.nonzero(columns[:, y, x]).flatten()
            extent = (int(ys[0]), int(xs[0]), int(ys[-1]) + 1, int(xs[-1]) + 1) if len(ys) and len(xs) else None
            if said := verdict(Reached(tap, (y, x), extent), size):
                found.append(said)
    return found
