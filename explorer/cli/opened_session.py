"""A session file or a bundle in a window that nobody looks at: whole, or an error that says what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from explorer.cli.waits import await_capture, await_rest, idle
from explorer.core.errors import ExplorerError, Failure
from explorer.core.models import ModelSpec
from explorer.core.session.session import Session
from explorer.core.translation import ntr, tr
from explorer.engine.session_bundle.read import is_bundle, open_bundle
from explorer.engine.session_bundle.session_file import found, read_session, unpacked

if TYPE_CHECKING:
    from explorer.app import Application

_NAMED = 3  # missing files


def session_of(path: Path) -> Session:
    """What a file holds, with the files that it names; a bundle is unpacked. Raises ExplorerError where one is missing."""
    read = unpacked(open_bundle(path)) if is_bundle(path) else read_session(path)
    session, missing = found(path, *read)
    if missing:
        names = ", ".join(file.name for file in missing[:_NAMED]) + (" …" if len(missing) > _NAMED else "")
        what = ntr(
            "{count} of the files of {path} is missing: {names}.",
            "{count} of the files of {path} are missing: {names}.",
            len(missing),
            count=len(missing),
            path=path.name,
            names=names,
        )
        raise ExplorerError(what, "", tr("The command session check lists them."))
    return session


def models_of(session: Session) -> tuple[ModelSpec, ...]:
    """Those of Explore and of the columns of Compare, each once."""
    specs = [session.model, *(column.model for column in session.comparison.columns)]
    return tuple(dict.fromkeys(spec for spec in specs if spec is not None))


def show_session(app: Application, path: Path, session: Session) -> None:
    """Opens a file as the window does, and waits until all is drawn and computed; raises what went wrong instead."""
    failures: list[Failure] = []
    app.controller.failed.connect(failures.append)
    app.commands.open_session(path)
    if session.model is not None:
        await_capture(app)
    control = app.controller.compare
    await_rest(app)
    idle(app, lambda: not failures and (control.busy or app.desk.runner.busy))
    await_rest(app)
    if failures:
        raise ExplorerError(failures[0].what, failures[0].why, failures[0].todo)
