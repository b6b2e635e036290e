"""The report is complete, says the way out, and stands when a part is missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import demo_shelf
import pytest

from explorer.cli import doctor, doctor_checks
from explorer.cli.doctor_checks import CheckLine

ROOT = Path(__file__).resolve().parents[2]


def lines(found: dict[str, object], section: str) -> dict[str, dict[str, str]]:
    return {line["name"]: line for line in found[section]}  # type: ignore[attr-defined]


def blocked(tmp_path: Path, *names: str) -> dict[str, str]:
    """An environment in which these packages cannot be imported."""
    code = f"""
        import sys
        class Block:
            def find_spec(self, name, path=None, target=None):
                if name.partition(".")[0] in {names!r}:
                    raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
        sys.meta_path.insert(0, Block())
    """
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text("\n".join(line[8:] for line in code.splitlines()))
    return {**os.environ, "PYTHONPATH": os.pathsep.join((str(folder), str(ROOT)))}


def run_doctor(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    code = "import sys; from explorer.cli import run; sys.exit(run(['doctor', *sys.argv[1:]]))"
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)


def test_report_of_a_sound_installation(app_home: Path) -> None:
    found = doctor.report()
    assert found["problems"] == []
    assert found["ok"] is True
    assert lines(found, "versions")["torch"]["value"].startswith("2.")
    assert lines(found, "folders")["data"]["value"].startswith(str(app_home))
    works = lines(found, "what works")
    assert works["torch"]["value"] == "a convolution gives the right numbers"
    assert works["Qt without a screen"]["value"] == "starts (offscreen)"
    assert "H.264" in works["video files"]["value"]
    # The home of this test is empty, so no trained model can be found.
    assert works["trained torchvision models"]["state"] == "warning"
    assert "--untrained" in works["trained torchvision models"]["todo"]


def test_json_is_the_only_output(tmp_path: Path) -> None:
    done = run_doctor({**os.environ, "PYTHONPATH": str(ROOT)}, "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, done.stderr, found["ok"]) == (0, "", True)
    assert {"versions", "devices", "folders", "what works"} <= set(found)


def test_without_torch_and_qt_it_reports_instead_of_crashing(tmp_path: Path) -> None:
    done = run_doctor(blocked(tmp_path, "torch", "PySide6", "av"), "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert {"devices", "torch works", "Qt without a screen", "video"} <= set(found["problems"])
    # The parts before the one that is missing are still told.
    assert "CPU" in lines(found, "devices")
    assert len(done.stderr.splitlines()) == 1


def test_weights_in_the_folder_are_found(app_home: Path) -> None:
    folder = app_home / "data" / "weights"
    folder.mkdir(parents=True)
    (folder / "resnet18.safetensors").write_bytes(b"x")
    (line,) = doctor_checks.weights_found()
    assert (line.state, line.value) == ("ok", "resnet18")


def test_demo_models_are_found_and_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models = demo_shelf.resources_in(tmp_path, monkeypatch)
    (line,) = doctor_checks.demo_models()
    assert (line.state, "demo:seeded" in line.todo) == ("warning", True)
    for name in ("shapes-vit", "shapes-cnn"):
        demo_shelf.put(models, name)
    (line,) = doctor_checks.demo_models()
    assert (line.state, line.value) == ("ok", "shapes-cnn, shapes-vit")
    (models / "shapes-vit.safetensors").write_bytes(b"half")
    (line,) = doctor_checks.demo_models()
    assert (line.state, line.value) == ("problem", "damaged: shapes-vit")


def test_a_check_that_raises_becomes_a_problem_and_keeps_its_findings() -> None:
    def broken_part():
        yield CheckLine("first", "fine")
        raise OSError("disk gone")

    first, last = doctor._lines(broken_part)
    assert first == CheckLine("first", "fine")
    assert (last.name, last.state, last.value) == ("broken part", "problem", "OSError: disk gone")


def test_the_pyside_that_aborts_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_checks.metadata, "version", lambda _: "6.12.0")
    monkeypatch.setattr(doctor_checks.sys, "version_info", (3, 11, 7))
    line = doctor_checks._package("PySide6-Essentials")
    assert line.state == "problem"
    assert "<6.12" in line.todo
    monkeypatch.setattr(doctor_checks.sys, "version_info", (3, 12, 0))
    assert doctor_checks._package("PySide6-Essentials").state == "ok"


def test_text_shows_the_mark_the_value_and_the_way_out() -> None:
    found = {title: [] for title in doctor.SECTIONS} | {"ok": False, "problems": ["fonts"]}
    found["what works"] = [{"name": "fonts", "value": "none", "state": "problem", "todo": "Install a font."}]
    text = doctor.render(found)
    assert "PROBLEM  fonts  none" in text
    assert "-> Install a font." in text
    assert text.endswith("1 problem: fonts.")


def test_a_platform_that_cannot_start_is_a_problem_with_qts_own_words() -> None:
    line = next(iter(doctor_checks._start("Qt on the screen", "no-such-plugin")))
    assert line.state == "problem"
    assert line.value.startswith("cannot start: ")
    assert line.todo
