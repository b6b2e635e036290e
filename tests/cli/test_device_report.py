"""A device beside the CPU: the CPU in its place gives the same, what differs is found, what is not there is refused."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer.api import device_comparing
from explorer.api.device_comparing import MeasuredWork, difference, usable
from explorer.api.device_work import WORK, DeviceBench, DeviceWork, Found
from explorer.cli import run
from explorer.core.errors import ExplorerError

NAMES = ["captures", "attributions", "ablation", "maximisation", "attention", "probe", "index"]


@pytest.mark.slow
def test_the_cpu_gives_what_the_cpu_gives(app_home: object, capsys: pytest.CaptureFixture[str]) -> None:
    before = os.environ["FME_HOME"], torch.backends.cudnn.allow_tf32
    assert run(["doctor", "--device", "cpu", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["ok"], found["device"], found["tf32"]) == (True, "cpu", False)
    assert [row["name"] for row in found["work"]] == NAMES
    for row in found["work"]:
        assert row["difference"] == 0, row  # the very same code
        assert row["rate"] > 0
        assert row["cpu_rate"] > 0
    assert (os.environ["FME_HOME"], torch.backends.cudnn.allow_tf32) == before


def test_what_a_device_computes_otherwise_is_found(
    app_home: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    benches: list[DeviceBench] = []

    def captures(on: DeviceBench) -> Found:
        if on not in benches:
            benches.append(on)
            if len(benches) == 2:  # the device: a part of its numbers is off by a thousandth
                with torch.no_grad():
                    next(on.model("demo:shapes-cnn").module.parameters()).mul_(1.001)
        return WORK[0].run(on)

    monkeypatch.setattr(device_comparing, "WORK", (replace(WORK[0], run=captures),))
    assert run(["doctor", "--device", "cpu"]) == 1
    said = capsys.readouterr()
    assert "PROBLEM  captures" in said.out
    assert "most at demo:shapes-cnn" in said.out
    assert said.err == "feature-map-explorer: other values than on the CPU: captures\n"


@pytest.mark.parametrize("device", ["cuda:97", "tpu", "mps" if not torch.backends.mps.is_available() else "cuda:98"])
def test_a_device_that_is_not_there_is_refused(device: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--device", device]) != 0
    assert f"There is no device {device} here. There are: cpu" in capsys.readouterr().err
    with pytest.raises(ExplorerError):
        usable(device)


def made(metric: str) -> DeviceWork:
    return DeviceWork("work", metric, 0.01, "", lambda _on: ({}, 1))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("metric", "cpu", "other", "expected"),
    [
        ("largest", [0, -4.0], [0, -4.1], 0.025),
        ("length", [3.0, 4.0], [3.0, 4.5], 0.1),
        ("absolute", [100.0, 1], [100.5, 1], 0.5),
        ("largest", [1.0, 2.0], [1.0, float("nan")], float("inf")),
        ("absolute", [1.0, float("nan")], [1.0, float("nan")], 0),
        ("length", [1.0], [1.0, 1.0], float("inf")),
        ("largest", [0.0, 0.0], [0.0, 0.0], 0),
    ],
)
def test_differences_are_measured_as_is_said(
    metric: str, cpu: list[float], other: list[float], expected: float
) -> None:
    of = {"same": np.ones(2)}
    found = difference(
        made(metric), MeasuredWork({**of, "a": np.array(cpu)}), MeasuredWork({**of, "a": np.array(other)})
    )
    assert found.difference == pytest.approx(expected)
    assert found.same == (expected <= 0.01)
    assert found.place == ("a" if expected else "")


def test_what_a_device_cannot_do_is_said() -> None:
    assert not difference(made("largest"), MeasuredWork({}), MeasuredWork(error="no")).same
    assert not difference(made("largest"), MeasuredWork({"a": np.ones(1)}), MeasuredWork({})).same
