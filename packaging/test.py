"""Sets everything up in a virtual environment and passes the checks: `python3 packaging/test.py`.

Without arguments: ruff, mypy, import-linter, then all tests. Arguments go to pytest, and only pytest runs then.
The exit code is 0 when everything passed.
"""

import os
import subprocess
import sys
import time

import python_version

LINT = (
    ("ruff (rules)", ["ruff", "check", "."]),
    ("ruff (format)", ["ruff", "format", "--check", "."]),
    ("mypy", ["mypy"]),
    ("import-linter", ["lint-imports"]),
)


def run_step(name, command):
    """Run one check with its output shown; True when it passed."""
    import setup_env

    print(f"\n=== {name}", flush=True)
    began = time.monotonic()
    passed = subprocess.call([str(setup_env.venv_program(command[0])), *command[1:]], cwd=setup_env.ROOT) == 0
    print(f"=== {name}: {'passed' if passed else 'FAILED'} after {time.monotonic() - began:.0f} s", flush=True)
    return passed


def in_parallel():
    """A process a core, a file of tests in one process; never more than the tests' memory (about 1.5 GiB each) allows."""
    return ["-n", str(max(1, min(os.cpu_count() or 1, 4))), "--dist", "loadfile"]


def main(arguments):
    """Set up, check, and say by the exit code how it went."""
    python_version.require()
    import setup_env
    import system_libraries

    # One thread a library: tests are many and small, and they must not depend on the number of cores.
    os.environ.update(QT_QPA_PLATFORM="offscreen", OMP_NUM_THREADS="1", PYTHONUNBUFFERED="1")
    system_libraries.ensure(["run"], wished=["camera"])
    if sys.platform.startswith("linux"):  # the sound server that tests of sound start for themselves
        system_libraries.ensure_programs([("pulseaudio", "pulseaudio"), ("pactl", "pulseaudio-utils")])
    setup_env.prepare(["test"], optional=["camera"])
    steps = () if arguments else LINT
    failed = [name for name, command in steps if not run_step(name, command)]
    if failed:
        print(f"\nFailed before the tests: {', '.join(failed)}", flush=True)
    # Last, so that the closing line of the tests is the last thing to be read.
    passed = run_step("pytest", ["python", "-m", "pytest", *(arguments or in_parallel())])
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
