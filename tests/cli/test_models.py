"""The command `models`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from optional import package

from explorer.cli import run
from explorer.engine.models import extras


@pytest.fixture(autouse=True)
def _no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))


def listed(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, object]]:
    assert run(["models", *words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, list)
    return found


def test_all_and_some(capsys: pytest.CaptureFixture[str]) -> None:
    everything = listed(capsys)
    assert {"demo:seeded", "torchvision:resnet18"} <= {row["id"] for row in everything}
    assert [row["id"] for row in listed(capsys, "torchvision:", "wide")] == [
        "torchvision:wide_resnet101_2",
        "torchvision:wide_resnet50_2",
    ]
    assert all(row["ready"] for row in listed(capsys, "--ready"))


def test_what_is_not_installed_is_told_with_the_way(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("timm", "transformers"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    assert run(["models", "dinov2"]) == 0
    out = capsys.readouterr().out
    assert "pip install feature-map-explorer[timm]" in out
    assert "pip install feature-map-explorer[hf]" in out


def test_all_of_timm_can_be_searched(capsys: pytest.CaptureFixture[str]) -> None:
    package(extras.TIMM)
    found = [row["id"] for row in listed(capsys, "timm:", "reg4", "dinov2")]
    assert {f"timm:vit_{size}_patch14_reg4_dinov2.lvd142m" for size in ("small", "base", "large")} <= set(found)
    assert len(listed(capsys, "timm:")) > 1800


def test_a_name_that_is_nowhere(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: object())
    assert run(["models", "no such thing"]) == 1
    assert "No model has such a name" in capsys.readouterr().err


def test_weights_fetch_knows_its_sources(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["weights", "fetch", "demo:seeded"]) == 1
    assert "Nothing is fetched for demo:seeded" in capsys.readouterr().err


def test_doctor_tells_of_both(monkeypatch: pytest.MonkeyPatch) -> None:
    from explorer.cli.doctor_checks import optional_sources

    monkeypatch.delitem(sys.modules, "timm", raising=False)
    monkeypatch.delitem(sys.modules, "transformers", raising=False)
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    lines = list(optional_sources())
    assert [line.name for line in lines] == ["models of timm", "models of transformers"]
    assert all(line.state == "ok" and "pip install" in line.todo for line in lines)
