"""`python -m tests.pictures`: the window in named states, a PNG of each, and what in them is cut off or lies over something.

With FME_LANGUAGE=pseudo also what is not translated. Needs no screen. Exit code 1 where something was found."""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

OUT = Path(__file__).parent / "out"


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT, metavar="DIR", help="where the files go")
    parser.add_argument("--theme", choices=("dark", "light", "contrast"), default="dark")
    parser.add_argument("--size", type=_size, default=(1280, 800), metavar="WxH", help="of the window: 1280x800")
    parser.add_argument("--text", type=int, default=100, metavar="PERCENT", help="size of the text: 100")
    parser.add_argument(
        "--scale", default="1", metavar="FACTOR", help="of the screen: 2 is 200 %%; WxH are pixels of the screen"
    )
    parser.add_argument(
        "--only", nargs="*", metavar="NAME", help="these states and no other; without a name: lists them"
    )
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pictures-") as home:
        os.environ["FME_HOME"] = home  # nothing of the person's own is read or changed
        os.environ["QT_SCALE_FACTOR"] = args.scale
        return _picture(args)


def _picture(args: argparse.Namespace) -> int:
    from explorer.core import translation

    translation.install(os.environ.get(translation.VARIABLE, translation.ENGLISH))  # before the texts are imported
    from tests.pictures.album import album, names

    known = names()
    wanted = known if args.only is None else args.only
    unknown = sorted(set(wanted) - set(known))
    if unknown or not wanted:
        print(f"There is no state {', '.join(unknown)}." if unknown else "", "The states are:", *known)
        return 1 if unknown else 0
    args.out.mkdir(parents=True, exist_ok=True)
    start, count = time.monotonic(), 0
    size = round(args.size[0] / float(args.scale)), round(args.size[1] / float(args.scale))
    kind = f"{args.theme}-{args.size[0]}x{args.size[1]}" + (f"-text{args.text}" if args.text != 100 else "")
    for picture in album(wanted, args.theme, size, args.text):
        file = args.out / f"{picture.name}-{kind}.png"
        picture.pixels.save(str(file))
        print(f"{time.monotonic() - start:5.0f} s  {file.name}", *picture.findings, sep="\n         ", flush=True)
        count += len(picture.findings)
    print(f"{count} findings")
    return 1 if count else 0


if __name__ == "__main__":
    raise SystemExit(main())
