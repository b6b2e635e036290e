"""The hub that timm and transformers take weights from: what of it lies on this disk. Without the modules of the network
(`hub_requests.py`): the window asks here before it is painted."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from explorer.core.errors import ExplorerError
from explorer.core.system.paths import download_dir
from explorer.core.translation import tr

ENDPOINT = "https://huggingface.co"
ENDPOINT_VARIABLE = "HF_ENDPOINT"  # a mirror; the same name that the hub's own tools read
_REPO = re.compile(r"[\w.-]+(?:/[\w.-]+)?", re.ASCII)
COMMIT = re.compile(r"[0-9a-f]{40}")


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
        return found if COMMIT.fullmatch(revision) and found.is_dir() else None
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


def target() -> Path:
    """The folder that downloads go to. Raises ExplorerError when there is none."""
    folder = download_dir()
    if folder is None:
        todo = tr("Name one that you may write to in FME_WEIGHTS.")
        raise ExplorerError(tr("There is no folder to put weights into."), "", todo)
    return folder
