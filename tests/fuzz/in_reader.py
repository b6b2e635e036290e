"""Reads damaged files in a process of its own, under a limit of memory and of time, so that a crash is found as well."""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LIMIT = 6 << 30  # bytes of addresses that the reading process may have
_HUNG = 120.0  # seconds without a word
_BATCH = 2_000  # files for one process
# What happens only when something of a file is executed, or written; see the table of audit events in Python's manual.
_FORBIDDEN = ("pickle.find_class", "os.", "subprocess.", "shutil.", "socket.", "exec", "ctypes.dlopen", "marshal.")
_ALLOWED = ("os.listdir", "os.scandir", "os.putenv", "os.unsetenv")

File = tuple[str, bytes]  # suffix, content


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """A kind of files. `files` makes the whole ones; `damaged` one file from a seed; `read` reads one and says what is wrong
    with what it got ("": nothing). `slow`: seconds of processor time for one file; `large`: bytes that one may cost."""

    name: str
    doc: str
    files: Callable[[], list[File]]
    damaged: Callable[[list[File], random.Random], File]
    read: Callable[[Path], str]
    slow: float = 3.0
    large: int = 250 << 20

    def main(self, argv: list[str]) -> int:
        """Ends with 1 where anything was found."""
        parser = argparse.ArgumentParser(prog=f"python -m tests.fuzz {self.name}", description=self.doc)
        parser.add_argument("--minutes", type=float, default=0.5)
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument(
            "--read", type=int, nargs=2, metavar=("FIRST", "COUNT"), help="read these files in this process"
        )
        parser.add_argument("--keep", type=Path, help="a folder for the files that were findings")
        given = parser.parse_args(argv)
        if given.read is not None:
            return self._read_all(given.seed, *given.read)
        count, found = self.run(given.minutes * 60, given.seed, given.keep)
        ends = json.dumps(count)
        print(f"{self.name}: {sum(count.values())} files, seed {given.seed}: {ends}; {len(found)} findings")
        for line in found:
            print(f"FOUND {line}")
        return bool(found)

    def run(self, seconds: float, seed: int, keep: Path | None = None) -> tuple[dict[str, int], list[str]]:
        """(files by how they ended, findings) after this time."""
        end, first = time.monotonic() + seconds, 0
        count: dict[str, int] = {}
        found: list[str] = []
        while time.monotonic() < end:
            first = self._batch(seed, first, end, count, found)
        if keep is not None and found:
            self._keep(keep, seed, found)
        return count, found

    def _batch(self, seed: int, first: int, end: float, count: dict[str, int], found: list[str]) -> int:
        """Reads files from `first` on in another process; returns the first that was not read."""
        command = [
            sys.executable,
            "-m",
            "tests.fuzz",
            self.name,
            "--seed",
            str(seed),
            "--read",
            str(first),
            str(_BATCH),
        ]
        now = first  # the file that is being read
        with (
            tempfile.TemporaryFile("w+") as errors,
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as reader,
        ):
            assert reader.stdout is not None
            for line in reader.stdout:
                told = json.loads(line)
                count[told["how"]] = count.get(told["how"], 0) + 1
                if "finding" in told:
                    found.append(f"file {now}: {told['finding']}")
                now += 1
                if time.monotonic() > end:
                    reader.kill()
                    return now
            code = reader.wait()
            errors.seek(0)
            words = errors.read()[-2_000:]
        if code:
            found.append(f"file {now}: the reading process ended with {code}\n{words}")
            return now + 1
        return now

    def _keep(self, folder: Path, seed: int, found: list[str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        files = self.files()
        for line in found:
            number = int(line.split()[1].rstrip(":"))
            suffix, content = self.damaged(files, random.Random(f"{seed}/{number}"))
            (folder / f"{seed}-{number}{suffix}").write_bytes(content)

    # ---- the process that reads

    def _read_all(self, seed: int, first: int, count: int) -> int:
        from explorer.core.errors import ExplorerError

        faulthandler.enable()
        faulthandler.dump_traceback_later(_HUNG / 2, exit=True)
        files = self.files()
        folder = Path(tempfile.mkdtemp())
        for suffix, content in files:  # imports what it needs; some are hostile by themselves
            path = folder / f"whole{suffix}"
            path.write_bytes(content)
            with contextlib.suppress(ExplorerError):
                self.read(path)
            path.unlink()
        b"a".decode("unicode_escape"), b"a".decode("raw_unicode_escape")
        _limit()
        watched = _watch()
        for number in range(first, first + count):
            suffix, content = self.damaged(files, random.Random(f"{seed}/{number}"))
            path = folder / f"w{suffix}"
            path.write_bytes(content)
            _say(**self._read_one(path, watched))
            path.unlink()
            faulthandler.cancel_dump_traceback_later()
            faulthandler.dump_traceback_later(_HUNG / 2, exit=True)
        folder.rmdir()
        return 0

    def _read_one(self, path: Path, watched: list[str]) -> dict[str, str]:
        """How reading it ended, and the finding if it is one."""
        from explorer.core.errors import ExplorerError

        watched.clear()
        started, before = time.process_time(), _peak()
        finding = ""
        watched.append("on")
        try:
            finding = self.read(path)
            how = "read"
        except ExplorerError as error:
            how = "refused"
            finding = (
                f"more than a line: {error}" if "\n" in str(error) or not error.what or len(str(error)) > 1_500 else ""
            )
        except BaseException as error:  # noqa: BLE001  every other end is a finding
            how = type(error).__name__
            finding = f"{how}: {error}"
        events = watched[1:]
        watched.clear()
        took, cost = time.process_time() - started, _peak() - before
        finding = finding or (f"it ran {events[:3]}" if events else "")
        finding = finding or (f"{took:.1f} s" if took > self.slow else "")
        finding = finding or (f"{cost >> 20} MB" if cost > self.large else "")
        return {"how": how, **({"finding": finding} if finding else {})}


def _say(**told: Any) -> None:
    print(json.dumps(told), flush=True)


def _peak() -> int:
    """The most memory that was in use, in bytes; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _limit() -> None:
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_LIMIT, _LIMIT))


def _watch() -> list[str]:
    """Events that must not happen; only while its first entry is there."""
    seen: list[str] = []

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if seen and event.startswith(_FORBIDDEN) and event not in _ALLOWED:
            seen.append(f"{event} {str(args)[:80]}")

    sys.addaudithook(hook)
    return seen
