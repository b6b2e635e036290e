"""Sets everything up in a virtual environment and starts Feature Map Explorer: `python3 packaging/start.py [arguments]`.

The arguments go to the application: none, or options alone, open the window; commands (`layers`, `predict`, …) need no display.
"""

import os
import subprocess
import sys

import python_version

HELP = """usage: python3 packaging/start.py [ARGUMENTS OF THE APPLICATION]

Sets Feature Map Explorer up in the folder .venv of this checkout, once, and starts it. Without arguments, or with options
alone, the window opens; commands need no display:

    python3 packaging/start.py                                   the window
    python3 packaging/start.py --model demo:shapes-cnn           the window with a model
    python3 packaging/start.py predict demo:shapes-cnn --input sample:cat
    python3 packaging/start.py predict --help                    the options of a command
    python3 packaging/start.py doctor                            what works here, and what to do about the rest

The set-up needs Python 3.11 or later, 4 GiB of disk and pip's package index: about 0.5 GB are downloaded. On Linux without
an NVIDIA GPU that includes PyTorch's CPU build; with one, or where pip cannot reach a CPU build, several GB more, which is
said before. The second time there is nothing to download.

  FME_TORCH=cpu | standard        on Linux: PyTorch's build without CUDA, or the one that pip chooses
  PIP_INDEX_URL, PIP_EXTRA_INDEX_URL, PIP_FIND_LINKS, HTTPS_PROXY     pip's own settings are respected
  FME_HOME=FOLDER                 settings, weights and cache beneath one folder
"""
WORDS = ("--help", "-h", "--version")
NO_SCREEN = ("offscreen", "minimal", "vnc")

NO_DISPLAY = """There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can be opened. Instead:
  - a picture of the window, or values, without a display:
        python3 packaging/start.py screenshot --workspace explore --model MODEL --input PICTURE --out FILE.png
        python3 packaging/start.py layers MODEL          (also: predict, maps, doctor, smoke-test)
  - the window on the computer you came from: connect with `ssh -X`, then run this command again
  - a virtual display:  xvfb-run -a python3 packaging/start.py"""


def is_headless(arguments):
    """Whether these arguments name a command that opens no window on a screen."""
    return any(argument in WORDS or not argument.startswith("-") for argument in arguments[:1])


def has_display():
    """Whether a window can be shown; always true away from Linux."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM", "").startswith(NO_SCREEN):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def libraries_for(environment):
    """Uses (see explorer/cli/qt_libraries.py) that a window needs here, and those that it can do without."""
    x11, wayland = bool(environment.get("DISPLAY")), bool(environment.get("WAYLAND_DISPLAY"))
    if x11:
        return ["run", "window"], ["camera", *(["wayland"] if wayland else [])]
    return ["run", *(["wayland"] if wayland else [])], ["camera"]


def main(arguments):
    """Set up, then become the application."""
    python_version.require()
    import setup_env
    import system_libraries

    if arguments[:1] in (["--help"], ["-h"]):
        print(HELP, end="")
        if not setup_env.is_ready(["camera"]):
            print("\nIt is not set up here yet. After that this command also lists the commands of the application.")
            return 0
        print("\nThe application itself:\n", flush=True)
    headless = is_headless(arguments)
    if not headless and not has_display():
        sys.exit(NO_DISPLAY)
    needed, wished = (["run"], []) if headless else libraries_for(os.environ)
    system_libraries.ensure(needed, wished)
    if "camera" in setup_env.prepare([], optional=["camera"]):
        setup_env.say("Camera support is not installed; everything else works.")
    if headless and not has_display():
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    command = [str(setup_env.venv_program("feature-map-explorer")), *arguments]
    if os.name == "nt":
        return subprocess.call(command)
    os.execv(command[0], command)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
