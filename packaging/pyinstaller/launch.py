"""Where the frozen application begins."""

import multiprocessing
import sys

from explorer.__main__ import main

if __name__ == "__main__":
    multiprocessing.freeze_support()  # a child process is this same program
    sys.exit(main())
