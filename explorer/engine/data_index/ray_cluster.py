"""Ray: started on this machine, or joined; with a token, without a dashboard, and told to nobody."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from explorer.core.errors import ExplorerError
from explorer.core.system import paths
from explorer.core.translation import tr

LOCAL = "local"
_HOW = tr("Install from source: pip install 'feature-map-explorer[ray]'.")


def ray_module(address: str) -> Any:
    """Raises ExplorerError where there is none, or this is a package."""
    if getattr(sys, "frozen", False):
        why = tr("A frozen application cannot start Ray's processes: they would be the application again, without end.")
        raise ExplorerError(tr("Ray cannot be used in a package."), why, _HOW)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_AUTH_MODE", "token")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    if address == LOCAL:  # else all its processes listen on every interface of the machine
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
    if "RAY_AUTH_TOKEN" not in os.environ and "RAY_AUTH_TOKEN_PATH" not in os.environ:
        os.environ["RAY_AUTH_TOKEN_PATH"] = str(_token())
    try:
        import ray
    except ImportError:
        raise ExplorerError(tr("Ray is not installed."), "--ray needs it.", _HOW) from None
    return ray


def _token() -> Path:
    """A secret of this person, in the application's own folder."""
    file = paths.config_dir() / "ray" / "auth_token"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(number, "w", encoding="ascii") as stream:
                stream.write(secrets.token_hex(32))
    except OSError as error:
        raise ExplorerError(tr("The token for Ray could not be written."), f"{file}: {error.strerror}.") from None
    return file


@contextlib.contextmanager
def cluster(address: str, workers: int) -> Iterator[Any]:
    """Ray, with so many workers on this machine where the address is "local". Raises ExplorerError."""
    ray = ray_module(address)
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR, "configure_logging": True}
    # a short place: sockets have names of at most 107 characters
    with tempfile.TemporaryDirectory(prefix="fme-ray-", ignore_cleanup_errors=True) as folder:
        try:
            if address == LOCAL:
                ray.init(
                    address=LOCAL,
                    num_cpus=workers,
                    num_gpus=0,
                    include_dashboard=False,
                    _node_ip_address="127.0.0.1",
                    _temp_dir=folder,
                    object_store_memory=256 << 20,
                    **quiet,
                )
            else:
                ray.init(address=address, **quiet)
        except Exception as error:  # noqa: BLE001 - Ray raises a dozen kinds
            raise _not_reached(address, error) from None
        try:
            yield ray
        finally:
            ray.shutdown()


def _not_reached(address: str, error: Exception) -> ExplorerError:
    first = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
    if address == LOCAL:
        return ExplorerError(tr("Ray could not be started."), first, tr("Leave --ray out: one process does it, too."))
    todo = tr("The cluster must run, with the same versions; its token goes into RAY_AUTH_TOKEN_PATH on both sides.")
    return ExplorerError(tr("The Ray cluster {address} could not be joined.", address=address), first, todo)
