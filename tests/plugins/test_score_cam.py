"""The worked example of a plug-in: Score-CAM, as a package of its own, against plain torch."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import explorer
from explorer import catalogue
from explorer.testing import checks_of

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "score_cam"
MODEL, TAP = "demo:shapes-plain", "layers.9"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The package on the path, with the metadata that an installation writes."""
    info = tmp_path / "score_cam-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: score-cam\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text("[explorer.methods]\nscore_cam = score_cam.spec:SPEC\n")
    monkeypatch.syspath_prepend(FOLDER)
    monkeypatch.syspath_prepend(tmp_path)
    catalogue.methods.again()
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == "score_cam"]:
        del sys.modules[name]
    monkeypatch.undo()
    catalogue.methods.again()


@pytest.mark.usefixtures("installed")
def test_it_keeps_the_contract() -> None:
    spec = catalogue.methods.get("score-cam")
    assert spec is not None
    for _, check, _ in checks_of(spec):
        check()


@pytest.mark.usefixtures("installed")
def test_it_is_what_plain_torch_gives() -> None:
    found = explorer.score_cam(MODEL, "sample:cat", tap=TAP, class_=3).value  # type: ignore[attr-defined]
    module = explorer.open(MODEL).module
    x = torch.from_numpy(explorer.preprocess(MODEL, "sample:cat"))
    seen: list[torch.Tensor] = []
    handle = module.get_submodule(TAP).register_forward_hook(lambda _m, _a, out: seen.append(out.clone()))
    with torch.no_grad():
        module(x)
        handle.remove()
        maps = seen[0][0]
        shares = []
        for each in maps:
            mask = F.interpolate(each[None, None], size=x.shape[2:], mode="bilinear", align_corners=False)
            span = mask.max() - mask.min()
            mask = (mask - mask.min()) / span if span > 0 else torch.ones_like(mask)
            shares.append(module(x * mask).softmax(1)[0, 3])
        weights = torch.stack(shares).softmax(0)
        cam = torch.relu((weights[:, None, None] * maps).sum(0))
    np.testing.assert_allclose(found.weights, weights.numpy(), rtol=1e-5)
    np.testing.assert_allclose(found.cam, cam.numpy(), rtol=1e-4, atol=1e-6)


@pytest.mark.usefixtures("installed")
def test_its_page_draws_it(qtbot: Any) -> None:
    from explorer.core.registry import load

    found = explorer.score_cam(MODEL, "sample:cat", tap=TAP).value  # type: ignore[attr-defined]
    page = load("score_cam.page:ResultPage")()
    qtbot.addWidget(page)
    page.show_result(found)
    assert page.map.pixmap().width() == 220
    assert page.words.text() == f"{explorer.score_cam(MODEL, 'sample:cat', tap=TAP)}"  # type: ignore[attr-defined]
