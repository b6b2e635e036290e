"""A picture of the real window, also where there is no display."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.api.qt_start import quiet_qt, unseen_without_display
from explorer.cli import compare, method_commands
from explorer.cli.opened_session import models_of, session_of, show_session
from explorer.cli.waits import await_capture, await_rest, wait
from explorer.core.dataset import Over
from explorer.core.errors import ExplorerError
from explorer.core.layer_views import view_named
from explorer.core.maximisation import MaximiseSettings
from explorer.core.models import ModelSpec
from explorer.core.params import ParamKind, params_of
from explorer.core.session.session import Session
from explorer.core.translation import tr

if TYPE_CHECKING:
    from PySide6.QtGui import QPixmap

    from explorer.app import Application

# what is about --model: a session says it itself
_SHOWN = (
    "input",
    "weights",
    "untrained",
    "seed",
    "tap",
    "channel",
    "cell",
    "panel",
    "attention",
    "method",
    "steps",
    "edit",
    "difference",
    "cka",
)


def run(args: argparse.Namespace) -> int:
    """Opens the window, waits for the capture and the film, saves what is on the screen."""
    size = _size(args.size)
    _check_session(args)
    session = session_of(Path(args.session)) if args.session else None
    specs = compare.models(args) if session is None else models_of(session)
    for spec in specs if not args.trust_code else ():
        ask_nobody(spec)
    unseen_without_display()
    with quiet_qt():
        _take(args, specs, session, size)
    return 0


def _check_session(args: argparse.Namespace) -> None:
    """A session says itself what is shown."""
    given = [flag for flag in ("model", *_SHOWN) if getattr(args, flag) not in ([], "", -1, 0, False)]
    if args.session and given:
        raise ExplorerError(f"--session and --{given[0].replace('_', '-')} exclude each other.")
    if not args.session and not args.model:
        raise ExplorerError(tr("Neither --model nor --session was given."))


def _take(
    args: argparse.Namespace, specs: tuple[ModelSpec, ...], session: Session | None, size: tuple[int, int]
) -> None:
    from explorer.app import Application
    from explorer.core.geometry.cells import cell_named
    from explorer.engine import export
    from explorer.engine.inputs import named_input
    from explorer.ui.settings import Settings

    cell = cell_named(args.cell) if args.cell else None
    app = Application(args.theme, args.trust_code, settings=Settings(lasting=False))
    try:
        if args.trust_code:
            app.controller.trust(*specs)
        app.window.resize(*size)
        app.window.show()
        if session is None:
            app.start(specs[0], named_input(args.input) if args.input else None)
            await_capture(app)
        if session is not None:
            show_session(app, Path(args.session), session)
        elif args.workspace == "compare":
            edits = compare.edits_of(args.edit)
            compare.show(app, specs, args.tap, args.channel, cell, edits, args.difference, args.view, args.attention)
            if args.cka:
                compare.alike(app)
        else:
            _explore(app, args, cell)
        if args.palette is not None:
            app.commands.show_commands(args.palette)
        export.write(args.out, _encoded(app.window.grab(), Path(args.out)))
    finally:
        app.window.close()
        app.window.deleteLater()


def _explore(app: Application, args: argparse.Namespace, cell: tuple[int, int] | None) -> None:
    """The layer, the channel and the page that were asked for."""
    if args.tap:
        _go(app, args.tap)
    channel = args.channel if args.channel >= 0 else app.controller.session.channel
    app.controller.change(channel=channel, cell=cell)
    app.controller.change(shows=view_named(args.view))
    await_rest(app)
    if cell is not None:
        _check_cell(app, cell)
    if args.attention:
        args.panel = "attention"
        page: Any = app.controller.pages.page("attention")
        page.view.set_mode(args.attention)
    if args.panel:
        app.window.explore.channel.set_page(args.panel)
        await_rest(app)
    if args.panel in {spec.id for spec in method_commands.specs()}:
        _compute(app, args.panel)
    if args.method:
        attribute(app, args.method)
    if args.steps:
        maximise(app, args.steps)


def _check_cell(app: Application, cell: tuple[int, int]) -> None:
    place = app.controller.pages.place()
    if place is None or place.cell != cell:
        raise ExplorerError(
            tr("There is no cell {cell},{cell2} in this layer.", cell=cell[0], cell2=cell[1]), "", tr("Count from 0,0.")
        )


def _compute(app: Application, name: str) -> None:
    """Shows the result of a method, over the sample gallery where it takes a data set; raises what went wrong instead."""
    part: Any = app.controller.pages.page(name)  # a method's own presenter has these parts too
    view, inputs = part.view, {}
    for param in params_of(part.spec.params):
        if param.kind == ParamKind.DATASET and "gallery" in param.choices:
            inputs[param.name] = Over("gallery")
    part.set_params(replace(view.params, **inputs))
    if not view.running:
        part.toggle()
    await_rest(app)
    if part.result is None:
        raise ExplorerError(
            tr("{spec_title} gave nothing.", spec_title=part.spec.title), view.message.text() or view.status.text()
        )


def attribute(app: Application, method: str) -> None:
    """Shows an attribution; raises what went wrong instead."""
    from explorer.methods.attribution.presenter import Presenter

    app.window.explore.channel.set_page("attribution")
    await_rest(app)
    part = app.controller.pages.page("attribution")
    assert isinstance(part, Presenter)
    if not part.view.form.choose("method", method):
        raise ExplorerError(
            tr("The method {method} is not available here.", method=method),
            "",
            tr("The command explain lists the methods."),
        )
    part.run()
    await_rest(app)
    if part.result is None:
        raise ExplorerError(tr("{method} has no result.", method=method), part.view.status.text())


def maximise(app: Application, steps: int) -> None:
    """Makes a maximised picture of the selected channel; raises what went wrong instead."""
    app.window.explore.channel.set_page("maximise")
    control: Any = app.controller.pages.page("maximise")  # it has more than what all pages have
    control.tab.choices.set_settings(MaximiseSettings(steps=steps))
    app.controller.pages.follow()
    await_rest(app)
    if control.found is None or not control.found.done:
        control.toggle()
        await_rest(app)
    if control.found is None or not control.found.done:
        raise ExplorerError(tr("No image was generated."), control.tab.notes.text() or control.tab.message.text())


def _encoded(pixmap: QPixmap, path: Path) -> bytes:
    """The picture as a file's content, of the kind that the name says."""
    from PySide6.QtCore import QBuffer, QIODevice

    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not pixmap.save(buffer, path.suffix[1:].upper() or "PNG"):
        raise ExplorerError(
            tr("{path} cannot be written.", path=path.name),
            tr("“{suffix}” is not a picture format.", suffix=path.suffix),
            tr("Name a .png file."),
        )
    return bytes(buffer.data().data())


def ask_nobody(spec: ModelSpec) -> None:
    """Raises ConsentNeeded where the window would ask: nobody is there to answer."""
    from explorer.engine.models import Consent, ConsentNeeded
    from explorer.engine.models.base import parse_file
    from explorer.engine.models.card_file import running

    named = running(spec.id)
    if named.source == "file":
        path = parse_file(named.name)[0]
        digest = Consent().needs_consent(path)
        if digest is not None:
            raise ConsentNeeded(path, digest)


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    plain = text.isascii() and width.isdigit() and height.isdigit()
    if not plain or not (200 <= int(width) <= 7680 and 200 <= int(height) <= 4320):
        raise ExplorerError(
            tr("{text!r} is not a window size.", text=text), "", tr("Write WIDTHxHEIGHT, for example 1920x1080.")
        )
    return int(width), int(height)


def _go(app: Application, tap: str) -> None:
    capture = app.controller.view.capture
    assert capture is not None  # it has been waited for
    if tap not in {t.name for t in capture.taps}:
        raise ExplorerError(
            tr("The model has no tap named {tap}.", tap=tap), "", tr("The command layers lists them all.")
        )
    app.controller.change(tap=tap)
    wait(app, lambda: app.controller.view.shown is not None or not capture.tap(tap).observable)
