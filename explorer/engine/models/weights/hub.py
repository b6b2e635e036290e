"""The hub that timm and transformers take weights from: what of it lies on this disk, and how a file of it is fetched.

Neither library ever goes there itself. A file is fetched only when a person asked for a download, with the application's
own download: progress, cancel, resumed where it stopped, and checked where the hub names a sha256. Standard library only.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from explorer.core.byte_words import byte_words
from explorer.core.errors import ExplorerError
from explorer.core.system.paths import download_dir
from explorer.core.translation import tr
from explorer.engine.models.base import OpenRequest
from explorer.engine.models.weights.download import TIMEOUT, download
from explorer.engine.models.weights.download_errors import explain

ENDPOINT = "https://huggingface.co"
ENDPOINT_VARIABLE = "HF_ENDPOINT"  # a mirror; the same name that the hub's own tools read
_REPO = re.compile(r"[\w.-]+(?:/[\w.-]+)?", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Remote:
    """One file on the hub: the version of the repository it is of, and its sha256, "" where the hub names none."""

    repo: str
    file: str
    revision: str = "main"
    sha256: str = ""

    @property
    def url(self) -> str:
        return f"{endpoint()}/{self.repo}/resolve/{self.revision}/{self.file}"


def endpoint() -> str:
    """Where the hub is, without a slash at the end."""
    return os.environ.get(ENDPOINT_VARIABLE, "").strip().rstrip("/") or ENDPOINT


def host() -> str:
    """The name of that computer, for people."""
    return urlsplit(endpoint()).hostname or endpoint()


def offline() -> str:
    """The variable that forbids the network, "" when none does."""
    names = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
    return next((name for name in names if os.environ.get(name, "").upper() in ("1", "ON", "YES", "TRUE")), "")


def is_repo(name: str) -> bool:
    """Whether a repository of the hub can have this name."""
    return _REPO.fullmatch(name) is not None and ".." not in name and not name.startswith((".", "-"))


def cache() -> Path:
    """Where the hub's own tools keep what they downloaded, found without importing them."""
    environment = os.environ
    home = environment.get("HF_HOME") or os.path.join(environment.get("XDG_CACHE_HOME") or "~/.cache", "huggingface")
    given = environment.get("HF_HUB_CACHE") or environment.get("HUGGINGFACE_HUB_CACHE") or os.path.join(home, "hub")
    return Path(given).expanduser()


def snapshot(repo: str) -> Path | None:
    """The folder in that cache with the files of a repository, of the version that was fetched last; None when there is none."""
    folder = cache() / f"models--{repo.replace('/', '--')}"
    try:
        revision = (folder / "refs" / "main").read_text(encoding="utf-8").strip()
        found = folder / "snapshots" / revision
        return found if _COMMIT.fullmatch(revision) and found.is_dir() else None
    except (OSError, UnicodeDecodeError):
        return None


def cached() -> tuple[str, ...]:
    """Repositories in that cache, alphabetically."""
    try:
        names = [name for name in os.listdir(cache()) if name.startswith("models--")]
    except OSError:
        return ()
    repos = (name.removeprefix("models--").replace("--", "/", 1) for name in sorted(names))
    return tuple(repo for repo in repos if snapshot(repo) is not None)


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
        repo, file, commit if _COMMIT.fullmatch(commit) else revision, digest if _SHA256.fullmatch(digest) else ""
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


def target() -> Path:
    """The folder that downloads go to. Raises ExplorerError when there is none."""
    folder = download_dir()
    if folder is None:
        todo = tr("Name one that you may write to in FME_WEIGHTS.")
        raise ExplorerError(tr("There is no folder to put weights into."), "", todo)
    return folder


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
