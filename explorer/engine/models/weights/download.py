"""Download one file: resumed where it stopped, checked, and in its place only when it is whole.

While it runs the bytes are in `NAME.part`, and `NAME.part.json` says which version of the file on the server they belong to.
After a cancel or a lost connection both stay, and the next download goes on from there if the server's file is still the same;
otherwise it begins anew. A file with a wrong checksum is deleted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.core.untrusted_json import parsed
from explorer.engine.models.open_errors import Cancelled
from explorer.engine.models.weights.download_errors import explain, too_little_space
from explorer.engine.models.weights.locate import hash_in_name, sha256_of

CHUNK = 1 << 18
TIMEOUT = 20.0  # seconds without a single byte
Report = Callable[[int, int | None], None]  # bytes so far, bytes in all (None: not known)


@dataclass(frozen=True, slots=True)
class DownloadJob:
    """One download: from where, to where, and what tells that it is right (the beginning of its sha256, or "")."""

    url: str
    target: Path
    sha256: str = ""
    timeout: float = TIMEOUT

    @property
    def part(self) -> Path:
        return self.target.with_name(self.target.name + ".part")

    @property
    def version(self) -> Path:
        return self.target.with_name(self.target.name + ".part.json")


def download(
    url: str,
    folder: Path,
    *,
    name: str = "",
    sha256: str = "",
    progress: Report | None = None,
    cancelled: Callable[[], bool] | None = None,
    timeout: float = TIMEOUT,
) -> Path:
    """The file behind `url` in `folder` (made if need be), under `name` or its own. A valid file is never fetched again.

    The checksum is `sha256` or the hash in the file's name. Raises Cancelled, or ExplorerError saying what to do instead.
    """
    file = name or urlsplit(url).path.rsplit("/", 1)[-1]
    if urlsplit(url).scheme not in ("http", "https") or not file:
        raise ExplorerError(
            tr("“{url}” is not a file address.", url=url), "", tr("Give one that begins with https://.")
        )
    job = DownloadJob(url, folder / file, (sha256 or hash_in_name(file)).lower(), timeout)
    stop = cancelled or (lambda: False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if job.target.is_file() and _right(job.target, job.sha256):
            return job.target
        resumed = _fetch(job, progress, stop)
        if not _right(job.part, job.sha256) and resumed:
            # The kept beginning belonged to another version of the file after all: once more, from the start.
            _drop(job)
            _fetch(job, progress, stop)
        return _finish(job)
    except (OSError, HTTPException) as error:
        raise explain(error, job.url, job.target) from None


def _right(path: Path, expected: str) -> bool:
    size = path.stat().st_size
    return size > 0 and (not expected or sha256_of(path).startswith(expected))


def _finish(job: DownloadJob) -> Path:
    if not _right(job.part, job.sha256):
        _drop(job)
        raise ExplorerError(
            tr("The download of {target} was discarded.", target=job.target.name),
            tr("Its checksum is wrong: something on the way changed it, such as a sign-in page of the network."),
            tr("Try again, or copy {target} into {parent}.", target=job.target.name, parent=job.target.parent),
        )
    os.replace(job.part, job.target)
    job.version.unlink(missing_ok=True)
    return job.target


def _drop(job: DownloadJob) -> None:
    job.part.unlink(missing_ok=True)
    job.version.unlink(missing_ok=True)


def _fetch(job: DownloadJob, progress: Report | None, stop: Callable[[], bool]) -> bool:
    """Fill the part file; whether it was continued. Raises OSError, HTTPException, Cancelled."""
    start, validator = _kept(job)
    try:
        with _ask(job, start, validator) as answer:
            start = start if answer.status == 206 and _starts_at(answer, start) else 0
            if answer.status == 206 and not start:
                _drop(job)
                raise HTTPException(tr("the server sent another piece than the one asked for"))
            _write(job, answer, start, progress, stop)
    except HTTPError as error:
        if error.code != 416 or not start:
            raise
        # Nothing after what we have: either it is all there, or the file is another one now.
        error.close()
        if not (job.sha256 and _right(job.part, job.sha256)):
            _drop(job)
            return _fetch(job, progress, stop)
    return start > 0


def _ask(job: DownloadJob, start: int, validator: str) -> HTTPResponse:
    headers = {"User-Agent": "feature-map-explorer", "Accept-Encoding": "identity"}
    if start:
        headers |= {"Range": f"bytes={start}-", "If-Range": validator}
    answer = urlopen(Request(job.url, headers=headers), timeout=job.timeout)
    assert isinstance(answer, HTTPResponse)  # http and https only
    return answer


def _write(
    job: DownloadJob, answer: HTTPResponse, start: int, progress: Report | None, stop: Callable[[], bool]
) -> None:
    rest = answer.headers.get("Content-Length")
    total = start + int(rest) if rest and rest.isdigit() else None
    if total is not None:
        too_little_space(job.target, total - start)
    job.version.write_text(json.dumps({"url": job.url, "validator": _validator(answer)}), encoding="utf-8")
    done = start
    with open(job.part, "ab" if start else "wb") as file:
        while True:
            if stop():
                raise Cancelled(
                    tr("The download of {target} was cancelled; the received part is kept.", target=job.target.name)
                )
            if progress is not None:
                progress(done, total)
            block = answer.read1(CHUNK)
            if not block:
                break
            file.write(block)
            done += len(block)
        file.flush()
        os.fsync(file.fileno())
    if total is not None and done < total:
        raise ConnectionError(tr("the connection ended after {done} of {total} bytes", done=done, total=total))


def _kept(job: DownloadJob) -> tuple[int, str]:
    """(bytes that can be kept, what the server must confirm); (0, "") where it must begin anew."""
    try:
        version = parsed(job.version.read_text(encoding="utf-8"))
        size = job.part.stat().st_size
        validator = version["validator"] if version["url"] == job.url else ""
    except (OSError, ValueError, KeyError, TypeError):
        return 0, ""
    return (size, str(validator)) if validator and size else (0, "")


def _validator(answer: HTTPResponse) -> str:
    # A weak ETag (W/"...") may stay the same when bytes differ, so it cannot vouch for a piece.
    etag = answer.headers.get("ETag", "")
    return etag if etag and not etag.startswith("W/") else answer.headers.get("Last-Modified", "")


def _starts_at(answer: HTTPResponse, start: int) -> bool:
    return answer.headers.get("Content-Range", "").startswith(f"bytes {start}-")
