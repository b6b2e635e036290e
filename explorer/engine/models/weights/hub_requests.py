"""A file of the hub is looked at and fetched only when a person asked for a download; timm and transformers never go there themselves.

The application's own download: progress, cancel, resumed where it stopped, and checked where the hub names a sha256. Standard library only.
"""

from __future__ import annotations

import re
from email.message import Message
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from explorer.core.byte_words import byte_words
from explorer.core.errors import ExplorerError
from explorer.core.system.paths import download_dir
from explorer.core.translation import tr
from explorer.engine.models.base import OpenRequest
from explorer.engine.models.weights.download import TIMEOUT, download
from explorer.engine.models.weights.download_errors import explain
from explorer.engine.models.weights.hub import COMMIT, Remote, offline

_SHA256 = re.compile(r"[0-9a-f]{64}")


def look(repo: str, file: str, revision: str = "main", timeout: float = TIMEOUT) -> Remote | None:
    """What the hub says of a file; None when the repository has no such file. Raises ExplorerError in clear words."""
    remote = Remote(repo, file, revision)
    _permitted(remote)
    try:
        headers = _head(remote.url, timeout)
    except HTTPError as error:
        error.close()
        if error.code == 404 and error.headers.get("X-Error-Code", "") in ("", "EntryNotFound"):
            return None
        raise _refused(remote, error) from None
    except (OSError, HTTPException) as error:
        raise explain(error, remote.url, (download_dir() or Path()) / file) from None
    commit = headers.get("X-Repo-Commit", "")
    digest = (headers.get("X-Linked-Etag") or headers.get("ETag") or "").strip('"')
    return Remote(
        repo, file, commit if COMMIT.fullmatch(commit) else revision, digest if _SHA256.fullmatch(digest) else ""
    )


def fetch(remote: Remote, folder: Path, opening: OpenRequest, name: str = "") -> Path:
    """The file in `folder`, under `name` or its own. Raises ExplorerError, Cancelled."""
    _permitted(remote)
    title = name or remote.file

    def report(done: int, total: int | None) -> None:
        size = (
            tr("{byte_words} of {byte_words2}", byte_words=byte_words(done), byte_words2=byte_words(total))
            if total
            else byte_words(done)
        )
        opening.say(tr("Downloading {title}: {size}", title=title, size=size), done / total if total else None)

    return download(remote.url, folder, name=name, sha256=remote.sha256, progress=report, cancelled=opening.cancelled)


class _Stay(HTTPRedirectHandler):
    """Large files are elsewhere, but their checksum is said where one is sent on."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


def _head(url: str, timeout: float) -> Message:
    asked = Request(url, method="HEAD", headers={"User-Agent": "feature-map-explorer", "Accept-Encoding": "identity"})
    try:
        with build_opener(_Stay).open(asked, timeout=timeout) as answer:
            headers: Message = answer.headers
            return headers
    except HTTPError as error:
        if 300 <= error.code < 400:
            error.close()
            return error.headers
        raise


def _permitted(remote: Remote) -> None:
    variable = offline()
    if variable:
        raise ExplorerError(
            tr("{file} of {repo} was not downloaded.", file=remote.file, repo=remote.repo),
            tr("{variable} is set, which forbids it.", variable=variable),
            tr("Unset it, or fetch {url} on another computer.", url=remote.url),
        )


def _refused(remote: Remote, error: HTTPError) -> ExplorerError:
    if error.code in (401, 403, 404):
        return ExplorerError(
            tr("The hub requires an account for {repo}.", repo=remote.repo),
            tr("It does not exist under this name, is private, or requires accepting its terms."),
            tr(
                "Check the name, or download {file} with your browser and name the folder or the file.",
                file=remote.file,
            ),
        )
    return explain(error, remote.url, Path(remote.file))
