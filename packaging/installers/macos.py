"""The .dmg for macOS on Apple silicon: the .app signed from the inside out, with a link to Applications.

Signed with the identity in FME_SIGN_ID and notarised with the keychain profile in FME_NOTARY_PROFILE where these are set;
otherwise signed ad hoc, which a person must allow by hand in the system's settings.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from installers.facts import DIST, NAME, PACKAGING, TITLE, version

ENTITLEMENTS = PACKAGING / "macos" / "entitlements.plist"


def build(out: Path) -> Path:
    """Sign the .app, pack it, notarise it where asked for; returns the .dmg. Raises CalledProcessError."""
    out.mkdir(parents=True, exist_ok=True)
    app, target = DIST / f"{TITLE}.app", out / f"{NAME}-{version()}-macos-arm64.dmg"
    sign(app, os.environ.get("FME_SIGN_ID", "-"))
    with tempfile.TemporaryDirectory() as folder:
        # ditto and not a plain copy: links and signatures must survive
        _run("ditto", str(app), str(Path(folder) / app.name))
        os.symlink("/Applications", Path(folder) / "Applications")
        shape = ("-volname", TITLE, "-srcfolder", folder, "-format", "ULMO", "-ov")
        _run("hdiutil", "create", *shape, str(target))
    if profile := os.environ.get("FME_NOTARY_PROFILE"):
        _run("xcrun", "notarytool", "submit", str(target), "--keychain-profile", profile, "--wait")
        _run("xcrun", "stapler", "staple", str(target))
    return target


def sign(app: Path, identity: str) -> None:
    """Libraries first, then programs, then the .app itself: a signature covers those inside it."""
    options = ["--force", "--options", "runtime", "--entitlements", str(ENTITLEMENTS), "--sign", identity]
    if identity != "-":
        options.append("--timestamp")
    for path in to_sign(app):
        _run("codesign", *options, str(path))
    _run("codesign", *options, str(app))
    _run("codesign", "--verify", "--deep", "--strict", str(app))


def to_sign(app: Path) -> list[Path]:
    """Files with code in them, the deepest first; links are left out."""
    files = [path for path in (app / "Contents").rglob("*") if path.is_file() and not path.is_symlink()]
    code = [path for path in files if path.suffix in (".so", ".dylib") or os.access(path, os.X_OK)]
    return sorted(code, key=lambda path: (-len(path.parts), str(path)))


def _run(*command: str) -> None:
    if shutil.which(command[0]) is None:
        raise FileNotFoundError(f"{command[0]} is not there: this must run on macOS with Xcode's command line tools")
    subprocess.run(command, check=True)
