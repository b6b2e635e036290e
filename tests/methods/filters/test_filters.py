"""The filters of a first layer: their peaks against numpy's Fourier transform."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from sound_nets import mel_file, wave_file

from explorer.cli import run as main
from explorer.core.models import ModelSpec
from explorer.engine.models import open_model


def test_peaks_are_those_of_the_weights(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = wave_file(tmp_path)
    assert main(["filters", name, "--trust-code", "--tap", "0", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    weight = open_model(ModelSpec(name), trust_code=True).module[0].weight.detach().numpy()[:, 0]  # type: ignore[index]
    spectra = np.abs(np.fft.rfft(weight, 8192))
    peaks = spectra.argmax(1) * 8000 / 8192
    for entry, peak in zip(found["filters"], peaks, strict=True):
        assert entry["peak_hz"] == pytest.approx(peak, abs=2.5)
    assert found["order"] == list(np.argsort([f["peak_hz"] for f in found["filters"]], kind="stable"))


def test_the_picture_has_each_filters_peak_in_its_row(tmp_path: Path) -> None:
    """The largest value of each row stands at the peak of the weights' Fourier transform, rows sorted by it."""
    name, out, values = wave_file(tmp_path), tmp_path / "filters.svg", tmp_path / "filters.tsv"
    where = [name, "--trust-code", "--tap", "0", "--out", str(out)]
    assert main(["figure", "filters", *where, "--tsv", str(values)]) == 0
    weight = open_model(ModelSpec(name), trust_code=True).module[0].weight.detach().numpy()[:, 0]  # type: ignore[index]
    peaks = np.sort(np.abs(np.fft.rfft(weight, 8192)).argmax(1) / 4096)
    rows = [line.split("\t") for line in values.read_text(encoding="utf-8").splitlines()]
    first = rows.index(["All filters"]) + 2  # beneath the frequencies
    decibels = np.array([row[1:] for row in rows[first : first + len(peaks)]], float)
    assert np.abs(decibels.argmax(1) / (decibels.shape[1] - 1) - peaks).max() < 0.01
    assert main(["filters", *where]) == 0
    assert "All filters" in out.read_text(encoding="utf-8")


def test_a_later_layer_has_no_filters_over_the_sound(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["filters", wave_file(tmp_path), "--trust-code", "--tap", "3"]) == 1
    assert "first convolution" in capsys.readouterr().err
    assert main(["filters", mel_file(tmp_path), "--trust-code", "--tap", "0"]) == 1
    assert "waveform" in capsys.readouterr().err


@pytest.mark.parametrize(("first", "second", "fits"), [((1, 4, 9, 3), None, True), ((1, 4, 1, 1), (4, 2, 9, 1), False)])
def test_only_a_convolution_over_the_samples_has_filters(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    first: tuple[int, ...],
    second: tuple[int, ...] | None,
    fits: bool,
) -> None:
    """One with dilation has; one behind a convolution of a single sample sees as many samples, and others' channels."""
    made = [f"nn.Conv1d({i}, {o}, {k}, dilation={d})" for i, o, k, d in (first, *((second,) if second else ()))]
    path = tmp_path / "net.py"
    path.write_text(
        "from torch import nn\n"
        'PREPROCESS = {"input": "sound", "rate": 8000, "seconds": 0.1}\n'
        f"def make_model():\n    return nn.Sequential({', '.join(made)}, nn.ReLU())\n"
    )
    asked = ["filters", f"file:{path}:make_model", "--trust-code", "--tap", "1" if second else "0", "--json"]
    assert main(asked) == (0 if fits else 1)
