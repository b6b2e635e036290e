"""The commands attention, rollout and relevance, against plain torch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from explorer.cli import run
from explorer.core.system.paths import resources

CAT = str(resources() / "samples" / "cat.png")
NET = """
import torch

PREPROCESS = {"height": 96, "width": 96, "resize": 96}
LABELS = ["day", "night", "dusk"]


def make_model():
    from explorer.engine.models.demo.vit import VisionTransformer

    torch.manual_seed(1)
    net = VisionTransformer(classes=3, width=24, depth=2, registers=1)
    torch.nn.init.normal_(net.head.weight)
    return net
"""


@pytest.fixture
def net(tmp_path: Path) -> list[str]:
    path = tmp_path / "my net.py"
    path.write_text(NET)
    return [f"file:{path}:make_model", "--trust-code", "--input", CAT]


def own() -> tuple[nn.Module, Tensor, list[Tensor]]:
    """The model, its input and, by plain torch, the weights (heads, tokens, tokens) of its blocks."""
    from explorer.core.inputs import InputRef
    from explorer.core.models import Preprocess
    from explorer.engine.inputs import open_input
    from explorer.engine.inputs.preprocess import to_tensor

    space: dict[str, Any] = {}
    exec(NET, space)
    module = space["make_model"]().eval()
    x = to_tensor(open_input(InputRef("picture", CAT)), Preprocess(96, 96, resize=96))
    projected: list[Tensor] = []
    for block in module.blocks:
        for layer in (block.attention.q, block.attention.k):
            layer.register_forward_hook(lambda _m, _a, out: projected.append(out.detach()[0].unflatten(1, (3, 8))))
    with torch.no_grad():
        module(x)
    pairs = zip(projected[::2], projected[1::2], strict=True)
    return module, x, [(torch.einsum("ihd,jhd->hij", q, k) / 8**0.5).softmax(-1) for q, k in pairs]


def test_values_of_a_block(net: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "a.npz"
    argv = ["attention", *net, "--block", "1", "--query", "4,7", "--out", str(out), "--json"]
    assert run(argv) == 0
    told = json.loads(capsys.readouterr().out)
    weights = own()[2][1][:, 2 + 4 * 12 + 7]
    with np.load(out) as stored:
        assert stored["maps"].reshape(3, -1) == pytest.approx(weights[:, 2:].numpy(), abs=1e-6)
        assert stored["prefix"] == pytest.approx(weights[:, :2].numpy(), abs=1e-6)
        assert stored["sums"] == pytest.approx([1, 1, 1], abs=1e-6)
        assert stored["mask"].sum((1, 2)).tolist() == told["mask"]["cells"]
        manifest = json.loads(str(stored["manifest"]))
    assert manifest["attention"]["block"]["name"] == told["block"]["name"] == "blocks.1.attention"
    assert told["block"]["prefix_tokens"] == ["CLS", "register 1"]
    assert told["block"]["proof"]["error"] < 1e-5
    assert told["summary"]["entropy"] == pytest.approx(
        torch.special.entr(own()[2][1]).sum(-1).mean(1).tolist(), abs=1e-4
    )


def test_one_head_by_the_name_of_its_block_and_who_attends(net: list[str], tmp_path: Path) -> None:
    out = tmp_path / "a.npz"
    argv = ["attention", *net, "--block", "blocks.0.attention", "--head", "2", "--query", "1", "--to"]
    assert run([*argv, "--out", str(out)]) == 0
    with np.load(out) as stored:
        assert stored["maps"].shape == (1, 12, 12)
        assert stored["maps"].ravel() == pytest.approx(own()[2][0][2, 2:, 1].numpy(), abs=1e-6)


def test_the_table_of_all(net: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["attention", *net]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "weights as its file made them" in lines[0]
    assert len(lines) == 4
    assert "2+12×12" in lines[2]
    assert run(["attention", *net, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["kind"] for row in told["attentions"]] == ["tokens", "tokens"]


def test_rollout_and_relevance(net: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    module, x, weights = own()
    out = tmp_path / "r.npz"
    assert run(["rollout", *net, "--out", str(out), "--json"]) == 0
    eye = torch.eye(146)
    oracle = (weights[1].mean(0) + eye) / 2 @ ((weights[0].mean(0) + eye) / 2)
    with np.load(out) as stored:
        assert stored["map"].ravel() == pytest.approx(oracle[0, 2:].numpy(), abs=1e-6)
        assert stored["prefix"] == pytest.approx(oracle[0, :2].numpy(), abs=1e-6)
    capsys.readouterr()
    assert run(["relevance", *net, "--class", "2", "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["label"] == "dusk"
    assert told["value"] == pytest.approx(float(module(x)[0, 2].detach()), abs=1e-4)
    with np.load(out) as stored:
        assert stored["map"].min() >= 0
        assert told["maximum"] > 0
        assert stored["map"].max() == pytest.approx(told["maximum"])


@pytest.mark.parametrize(
    "command", [["attention", "--block", "0"], ["rollout"], ["relevance", "--class", "0"]], ids=lambda c: c[0]
)
def test_pictures(command: list[str], net: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "a.png"
    assert run([command[0], *net, *command[1:], "--out", str(out)]) == 0
    assert capsys.readouterr().out
    with Image.open(out) as picture, Image.open(CAT) as original:
        assert len(np.unique(np.asarray(picture))) > 50
        if command[0] != "attention":  # three heads are four tiles
            assert picture.width / picture.height == pytest.approx(original.width / original.height, rel=0.01)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["attention", "--block", "2", "--out", "a.npz"], "no block 2"),
        (["attention", "--block", "x", "--out", "a.npz"], "no attention named x"),
        (["attention", "--out", "a.npz"], "needs a --block"),
        (["attention", "--block", "0", "--out", "a.jpg"], "neither in .npz nor in .png"),
        (["attention", "--block", "0", "--query", "12,0", "--out", "a.npz"], "no cell 12, 0"),
        (["attention", "--block", "0", "--query", "a", "--out", "a.npz"], "is not a token"),
        (["attention", "--block", "0", "--head", "3", "--out", "a.npz"], "no head 3"),
        (["attention", "--block", "0", "--mass", "0", "--out", "a.npz"], "not a valid mass"),
        (["rollout", "--start", "2", "--out", "a.npz"], "no attention to follow"),
        (["relevance", "--class", "3", "--out", "a.npz"], "no class 3"),
    ],
)
def test_what_cannot_be(
    command: list[str], words: str, net: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = [str(tmp_path / part) if part.startswith("a.") else part for part in command[1:]]
    assert run([command[0], *net, *argv]) == 1
    assert words in capsys.readouterr().err
    assert not (tmp_path / "a.npz").exists()


def test_a_model_without_attention(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "net.py"
    path.write_text("import torch\ndef make_model():\n    return torch.nn.Sequential(torch.nn.Conv2d(3, 2, 3))\n")
    assert run(["attention", f"file:{path}:make_model", "--trust-code", "--input", CAT]) == 1
    assert "No attention found" in capsys.readouterr().err


TEXTS = """
import torch
from torch import nn

PREPROCESS = {"input": "text", "words": ["<pad>", "<unk>", "not", "so", "bad"], "length": 6}


def make_model():
    from explorer.engine.models.demo.text_transformer import TextTransformer

    torch.manual_seed(1)
    return TextTransformer(classes=3, words=5, length=6, width=16, depth=2, heads=2)
"""


def test_a_matrix_names_its_tokens_and_holds_what_softmax_gives(tmp_path: Path, capsys: Any) -> None:
    path, out = tmp_path / "texts.py", tmp_path / "m.npz"
    path.write_text(TEXTS)
    args = ["attention", f"file:{path}:make_model", "--trust-code", "--input", "text:not so bad", "--block", "1"]
    assert run([*args, "--matrix", "--json", "--out", str(out)]) == 0
    told = json.loads(capsys.readouterr().out)
    names = [(token["token"], token["kind"]) for token in told["keys"]]
    assert names == [("CLS", "start"), *((w, "word") for w in ("not", "so", "bad")), *[("<pad>", "padding")] * 3]
    assert told["unseen_keys"] == [4, 5, 6]
    space: dict[str, Any] = {}
    exec(TEXTS, space)
    module, ids = space["make_model"]().eval(), torch.tensor([[2, 3, 4, 0, 0, 0]])
    kept: list[Tensor] = []
    for layer in (module.blocks[1].attention.q, module.blocks[1].attention.k):
        layer.register_forward_hook(
            lambda _m, _a, out: kept.append(out.detach()[0].unflatten(1, (2, 8)).transpose(0, 1))
        )
    with torch.no_grad():
        module(ids)
    scores = kept[0] @ kept[1].mT / 8**0.5
    scores[..., 4:] = -torch.inf
    assert np.array(told["weights"]) == pytest.approx(scores.softmax(-1).numpy(), abs=1e-6)
    with np.load(out) as saved:
        assert saved["weights"] == pytest.approx(np.array(told["weights"]), abs=1e-7)
        assert json.loads(str(saved["manifest"]))["attention"]["keys"] == told["keys"]
    assert run([*args, "--matrix"]) == 0
    assert "3 rows of padding are left out." in capsys.readouterr().out
    assert run([*args[:-2], "--matrix"]) != 0


def test_a_head_is_ablated_as_by_hand(tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "texts.py"
    path.write_text(TEXTS)
    args = ["ablate", f"file:{path}:make_model", "--trust-code", "--input", "text:not so bad", "--json"]
    assert run([*args, "--head", "1:1"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["tap"], told["channels"]) == ("blocks.1.attention.v", list(range(8, 16)))
    space: dict[str, Any] = {}
    exec(TEXTS, space)
    module, ids = space["make_model"]().eval(), torch.tensor([[2, 3, 4, 0, 0, 0]])

    def without(_module: nn.Module, mixed: tuple[Tensor]) -> tuple[Tensor]:
        (heads,) = mixed
        return (torch.cat([heads[..., :8], torch.zeros_like(heads[..., 8:])], -1),)

    module.blocks[1].attention.out.register_forward_pre_hook(without)
    with torch.no_grad():
        expected = module(ids)[0].softmax(-1)
    after = {row["index"]: row["after"] for row in told["classes"]}
    assert [after[i] for i in range(3)] == pytest.approx(expected.tolist(), abs=1e-5)
    assert run([*args, "--head", "1:7"]) == 1
    assert "no head 7" in capsys.readouterr().err
    assert run([*args, "--tap", "norm"]) == 1
    assert "--head BLOCK:H" in capsys.readouterr().err
