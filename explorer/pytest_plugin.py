"""The contract checks of `explorer.testing` in pytest, in every environment where the program is installed (entry point `pytest11`).

    @pytest.mark.explorer_method(SPEC)
    def test_contract(contract_check):
        contract_check()

runs the test once for each check. Several methods may be marked; `expected={"check_result": "why"}` names checks that must fail.
It is loaded in every run of pytest there: torch and the program are imported where a test asks for a check.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

MARK, ARGUMENT = "explorer_method", "contract_check"


def pytest_configure(config: pytest.Config) -> None:
    """Makes the marker known."""
    about = "the methods (MethodSpec) whose contract checks `contract_check` goes through; expected: {check: why it must fail}"
    config.addinivalue_line("markers", f"{MARK}(*specs, expected=None): {about}")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs a test that asks for `contract_check` once for each check of each marked method."""
    if ARGUMENT not in metafunc.fixturenames:
        return
    import pytest

    marks = list(metafunc.definition.iter_markers(MARK))
    if not any(mark.args for mark in marks):
        raise pytest.UsageError(
            f"{metafunc.definition.nodeid} asks for {ARGUMENT}: name the method by @pytest.mark.{MARK}(SPEC)"
        )
    from explorer.testing import cases_of

    cases = [case for mark in reversed(marks) for case in cases_of(mark.args, **mark.kwargs)]
    metafunc.parametrize(ARGUMENT, cases)
