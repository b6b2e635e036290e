"""Freezes the application, tries it, and makes the files that are handed to people: `python3 packaging/build.py`.

Linux: a .deb and a .tar.zst; Windows: a set-up program; macOS: a .dmg. Everything goes beneath build/, what counts to build/out.
The exit code is 0 when every smoke test passed and nothing is larger than it may be.
"""

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import python_version

LIMITS = {"installed": 700.0, ".deb": 185.0}  # MiB, MB
TOOLS = {
    "objdump": "binutils",
    "gcc": "gcc",
    "zstd": "zstd",
    "xz": "xz-utils",
    "Xvfb": "xvfb",
}  # program: Debian's package


def say(text):
    print(f"\n=== {text}", flush=True)


def prepare_linux():
    """Libraries that must be on the machine to get into the application, and the tools of the build."""
    import system_libraries

    system_libraries.ensure(["run", "window"], wished=["wayland", "camera"])
    lacking = [package for tool, package in TOOLS.items() if shutil.which(tool) is None]
    lacking += python_packages()
    if lacking and not (system_libraries.is_root() and system_libraries.apt_install(lacking)):
        sys.exit(f"The build needs these packages: {' '.join(lacking)}")


def python_packages():
    """What Debian keeps apart from Python and a frozen application needs: pip for environments, and the shared library."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    lacking = [] if importlib.util.find_spec("ensurepip") else [f"{name}-venv"]
    library = Path(sysconfig.get_config_var("LIBDIR") or "") / (sysconfig.get_config_var("INSTSONAME") or "")
    return lacking if library.is_file() else [*lacking, f"lib{name}"]


def document(python):
    """The documentation that goes into the packages."""
    from installers.facts import DOCS, PACKAGING

    subprocess.run([str(python), str(PACKAGING / "docs.py"), "--out", str(DOCS)], check=True)


def freeze(python):
    """PyInstaller's one-folder application; returns its folder."""
    from installers.facts import BUILD, DIST, NAME, PACKAGING

    subprocess.run([str(python), "-m", "installers.icons"], cwd=PACKAGING, check=True)
    spec = PACKAGING / "pyinstaller" / f"{NAME}.spec"
    folders = ["--distpath", str(DIST), "--workpath", str(BUILD / "work")]
    command = [str(python), "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR", *folders, str(spec)]
    # Byte code goes in as it is: the package around it compresses better, and nothing is inflated at each start.
    subprocess.run(command, check=True, env={**os.environ, "PYINSTALLER_ZLIB_COMPRESSION_LEVEL": "0"})
    return DIST / NAME


def packages(frozen):
    """The files for this system."""
    from installers import archive, deb, macos, windows
    from installers.facts import OUT

    if sys.platform == "win32":
        return [windows.build(OUT)]
    if sys.platform == "darwin":
        return [macos.build(OUT)]
    files = [archive.build(frozen, OUT)]
    return [*files, deb.build(frozen, OUT)] if shutil.which("dpkg-deb") else files


def try_out(title, executable):
    """Two smoke tests, without and with a screen; whether both passed."""
    from installers import smoke

    passed = True
    with smoke.screen() as display:
        for where in ("", display) if display else ("",):
            outcome = smoke.run(executable, where)
            passed = passed and not outcome.problems
            name = f"{title}, {'under Xvfb' if where else 'offscreen'}"
            if outcome.problems:
                print(f"{name}: FAILED\n{outcome.output}\n" + "\n".join(outcome.problems), flush=True)
            else:
                print(f"{name}: passed; window {outcome.window_s:.2f} s, maps {outcome.maps_s:.2f} s", flush=True)
    return passed


def try_archive(file):
    """Unpacked into a read-only folder with spaces and umlauts."""
    from installers import archive, smoke

    with tempfile.TemporaryDirectory(prefix="fme-") as folder:
        place = Path(folder) / "Übung für alle" / "mit Leerzeichen"
        executable = smoke.program(archive.unpack(file, place))
        Path(folder).chmod(0o755)
        subprocess.run(["chmod", "-R", "a-w", str(place)], check=True)
        try:
            return try_out(file.name, executable)
        finally:
            subprocess.run(["chmod", "-R", "u+w", str(place)], check=True)


def try_deb(file):
    """Installed, started, and removed again for real; needs root. Whether it passed and left nothing behind."""
    from installers import deb

    if os.geteuid() != 0 or deb.is_installed():
        print(f"{file.name}: not installed here (it takes root, and no other version may be there)")
        return True
    with deb.installed(file) as executable:
        passed = try_out(file.name, executable)
    left = deb.left_behind()
    print("removed; nothing is left" if not left else f"LEFT BEHIND: {', '.join(left)}")
    return passed and not left


def close(frozen, files):
    """Checksums and the size report; whether everything is as small as it must be."""
    from installers import sizes
    from installers.facts import OUT

    (OUT / "SHA256SUMS").write_text(sizes.checksums(files), encoding="utf-8")
    parts = sizes.by_component(frozen)
    text = sizes.report(parts, files)
    text += "\n\nlargest files\n" + "\n".join(
        f"{size / sizes.MIB:8.1f} MiB  {name}" for size, name in sizes.largest(frozen)
    )
    (OUT / "sizes.txt").write_text(f"{text}\n", encoding="utf-8")
    print(text)
    over = sizes.too_large(parts, files, LIMITS)
    print("\n".join(over))
    if not sys.platform.startswith("linux"):
        print("x264 and x265 are inside: see docs/decisions/0012 before this is handed to anybody.")
    return not over


def main(arguments):
    python_version.require()
    parser = argparse.ArgumentParser(prog="packaging/build.py", description=__doc__.splitlines()[0])
    parser.add_argument("--frozen-only", action="store_true", help="stop after the smoke test of the frozen folder")
    parser.add_argument("--keep-frozen", action="store_true", help="take the frozen folder that is there")
    args = parser.parse_args(arguments)
    from installers import environment, smoke
    from installers.facts import DIST, NAME

    frozen = DIST / NAME
    if not args.keep_frozen:
        say("environment of the build")
        if sys.platform.startswith("linux"):
            prepare_linux()
        python = environment.prepare()
        say("documentation")
        document(python)
        say("freezing")
        frozen = freeze(python)
    say("smoke test of the frozen folder")
    passed = try_out("frozen", smoke.program(frozen))
    if args.frozen_only or not passed:
        return 0 if passed else 1
    say("packages")
    files = packages(frozen)
    say("smoke tests of what is in them")
    tries = {".zst": try_archive, ".deb": try_deb}
    outcomes = [
        tries[file.suffix](file) for file in files if file.suffix in tries
    ]  # all of them, whatever the first says
    passed = all(outcomes)
    say("sizes")
    return 0 if close(frozen, files) and passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
