"""The contract checks as a plug-in of pytest."""

from __future__ import annotations

import tomllib
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytest_plugins = ["pytester"]
FILE = """
import pytest
from explorer import catalogue

SPEC = catalogue.methods.get("health")

@pytest.mark.explorer_method(SPEC, expected={"check_parts": "on purpose"})
def test_contract(contract_check):
    contract_check()
"""


def test_it_is_an_entry_point_under_the_name_of_its_module() -> None:
    about = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (entry,) = about["project"]["entry-points"]["pytest11"].items()
    assert entry[0] == entry[1]  # pytest loads it once, also where -p names it
    assert import_module(entry[1]).MARK == "explorer_method"


def test_a_marked_test_is_one_for_each_check(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(FILE)
    names = pytester.inline_run("--collect-only", "-q", "--strict-markers", "-p", "explorer.pytest_plugin")
    called = [item.name for item in names.getcalls("pytest_itemcollected") for item in [item.item]]
    assert called == [
        f"test_contract[health-{name}]"
        for name in ("description", "parts", "result", "restores", "stopped", "bad_input")
    ]


def test_an_expected_failure_that_passes_is_none(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(FILE)
    found = pytester.inline_run("-k", "parts or description", "-p", "explorer.pytest_plugin")
    found.assertoutcome(passed=1, failed=1)  # check_parts passes, which was not expected


def test_a_test_without_a_method_is_told(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_contract(contract_check): contract_check()")
    done = pytester.runpytest("-p", "explorer.pytest_plugin")
    assert done.ret != 0
    assert "name the method by @pytest.mark.explorer_method(SPEC)" in done.stdout.str() + done.stderr.str()
