"""Is this Python new enough? Written so that an old Python can still read it and say so."""

import os
import shutil
import subprocess
import sys

NEEDED = (3, 11)
KNOWN = ("3.13", "3.12", "3.11", "3.14")  # newest that every pinned package has wheels for comes first


def newer_python():
    """Full path of another Python on this machine that is new enough, or None."""
    for version in KNOWN:
        found = shutil.which("python" + version)
        if found and subprocess.call([found, "-c", "import sys"], stderr=subprocess.DEVNULL) == 0:
            return found
    return None


def require():
    """Return when this Python will do; else go on with one that will, or say what to install and exit 1."""
    if sys.version_info[:2] >= NEEDED:
        return
    have = ".".join(str(part) for part in sys.version_info[:3])
    need = ".".join(str(part) for part in NEEDED)
    found = newer_python()
    if found is None:
        sys.exit(
            f"Feature Map Explorer needs Python {need} or newer; this is Python {have} ({sys.executable}).\n"
            "Install a newer one (your package manager, or python.org), then run this command with it, for example:\n"
            f"    python{need} " + " ".join(sys.argv)
        )
    sys.stderr.write(f"This is Python {have}; going on with {found}.\n")
    sys.stderr.flush()
    command = [found, *sys.argv]
    if os.name == "nt":
        sys.exit(subprocess.call(command))
    os.execv(found, command)
