"""Builds the documentation site: `python3 packaging/docs.py`. It lies in build/docs then and works without a network.

Every warning is an error, and so is a link to a page or a section that is not there. Addresses on the web are checked for their
form only. `--check` builds everything anew and keeps nothing. `--pictures` draws the pictures of docs/images anew first, by the
command `screenshot` and the like. That takes minutes and differs in single pixels from machine to machine, so that the pictures are
kept in the sources and a build takes them as they are.
"""

import argparse
import importlib.util
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import python_version

ROOT = Path(__file__).resolve().parent.parent
WEBSITE = ROOT / "packaging" / "website"
BUILT = ROOT / "build" / "docs"
# What Sphinx leaves for itself or for other sites.
NOT_NEEDED = (".buildinfo", "_sources", "objects.inv")


def build(target, source=ROOT / "docs"):
    """Sphinx, warnings as errors, and then the check of what was built. Returns what is wrong, a line each."""
    sys.path.insert(0, str(WEBSITE))
    import built_pages
    from sphinx.cmd.build import main as sphinx

    with tempfile.TemporaryDirectory(prefix="fme-docs-") as work:
        made, trees = Path(work) / "html", Path(work) / "trees"
        options = ["-b", "html", "-q", "-W", "--keep-going", "-j", "1", "-c", str(WEBSITE), "-d", str(trees)]
        if sphinx([*options, str(source), str(made)]):
            return ["Sphinx has warned: see above"]
        for name in NOT_NEEDED:
            path = made / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        wrong = list(built_pages.faults(made))
        if not wrong and target is not None:
            shutil.rmtree(target, ignore_errors=True)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(made, target)
        print(f"{len(list(made.rglob('*.html')))} pages, {built_pages.size(made) / 1e6:.1f} MB", flush=True)
    return wrong


def with_sphinx():
    """An interpreter that has Sphinx: this one, else that of .venv, which is completed for it."""
    if all(importlib.util.find_spec(name) for name in ("sphinx", "myst_parser", "furo", "numpy", "platformdirs")):
        return None
    import setup_env

    setup_env.prepare(["docs"])
    return setup_env.venv_program("python")


def main(arguments):
    """Build, and say by the exit code how it went."""
    python_version.require()
    parser = argparse.ArgumentParser(prog="packaging/docs.py", description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="build and check, and keep nothing")
    parser.add_argument(
        "--pictures",
        nargs="*",
        metavar="NAME",
        help="draw these pictures of docs/images anew first; without a name all of them, which takes minutes",
    )
    parser.add_argument("--out", type=Path, default=BUILT, help="where the site is put (default: build/docs)")
    args = parser.parse_args(arguments)
    other = with_sphinx()
    if other is not None:
        return subprocess.call([str(other), __file__, *arguments])
    left = []
    if args.pictures is not None:
        sys.path.insert(0, str(WEBSITE))
        import site_pictures

        left = site_pictures.draw(ROOT, args.pictures)
    began = time.monotonic()
    wrong = build(None if args.check else args.out)
    print(
        "\n".join(wrong) or f"{'checked' if args.check else args.out / 'index.html'}: {time.monotonic() - began:.0f} s"
    )
    return 1 if wrong or left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
