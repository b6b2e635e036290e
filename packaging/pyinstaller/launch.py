"""Where the frozen application begins."""

import multiprocessing
import os
import sys

from explorer.__main__ import main


def give_back_library_path():
    """Other programs (a file manager that opens a folder) must not find our libraries in place of theirs."""
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    if before is not None:
        os.environ["LD_LIBRARY_PATH"] = before
    else:
        os.environ.pop("LD_LIBRARY_PATH", None)


if __name__ == "__main__":
    multiprocessing.freeze_support()  # a child process is this same program
    if sys.platform.startswith("linux"):
        give_back_library_path()
    sys.exit(main())
