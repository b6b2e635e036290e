"""Keys, menus and file dialogs: everything a person can ask for, bound to the controller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu

from explorer.core import session as document
from explorer.core.render import ScaleMode, SortKey
from explorer.core.types import ExplorerError, Failure, InputRef, ModelSpec
from explorer.ui import theme
from explorer.ui.controller import Controller, file_ref
from explorer.ui.explore.channel_panel import PAGES
from explorer.ui.take_away import TakeAway
from explorer.ui.widgets.text import tip as text_tip

_PICTURES = "Pictures and videos (*.png *.jpg *.jpeg *.webp *.bmp *.tif *.tiff *.gif *.mp4 *.mov *.mkv *.avi *.webm);;All files (*)"
_WEIGHTS = "Weights (*.safetensors *.pth *.pt);;All files (*)"
_SESSIONS = "Sessions (*.fmx.json)"

# what `?` shows; the keys that widgets handle themselves are told here too
KEYS = (
    (
        "Layers",
        (
            ("J  K", "next, previous layer"),
            ("PgDn  PgUp", "next, previous stage"),
            ("Wheel  ← →", "scrub in maps or film"),
            ("F", "play the layers as a film"),
            ("/", "search the modules"),
        ),
    ),
    (
        "Channels",
        (
            ("Arrows", "move the selection in the maps"),
            ("S", "next sort order"),
            ("C", "next scale"),
            ("+  −  0", "zoom in, out, fit (in the maps)"),
            ("Ctrl + wheel", "zoom around the pointer"),
            (f"Ctrl + 1 … {len(PAGES)}", f"{PAGES[0]}, {PAGES[1]} … {PAGES[-1]}"),
            ("Ctrl + Z", "undo the last edit of channels"),
            ("Drag  Shift + ← →", "mark a region (large map)"),
        ),
    ),
    (
        "Input",
        (
            ("Ctrl + O", "open a picture or video"),
            ("Ctrl + V", "paste a picture or a path"),
            ("N  P", "next, previous in folder"),
            ("Space", "play or pause"),
            (",  .", "previous, next frame"),
            ("L", "animated test scene"),
        ),
    ),
    (
        "Take along",
        (
            ("Ctrl + C", "copy the maps as a picture"),
            ("Ctrl + Shift + C", "copy as Python"),
            ("Ctrl + E", "save the values (NPZ)"),
            ("Ctrl + S", "save the session"),
        ),
    ),
    (
        "Window",
        (
            ("Ctrl + M", "choose a model"),
            ("Alt + 1  2", "Explore, Compare"),
            ("Alt + ← →", "back, forward"),
            ("Ctrl + T", "light or dark"),
            ("Ctrl + ,", "device, threads, memory"),
            ("F11", "full screen"),
            ("?", "this sheet"),
        ),
    ),
)

_IN_EXPLORE = {
    *("F", "/", "I", "S", "Space", ",", ".", "L", "Ctrl+M", "Ctrl+Shift+O", "Ctrl+Z", "Alt+Left", "Alt+Right"),
    *("Ctrl+C", "Ctrl+Shift+C", "Ctrl+E", "Ctrl+S", *(f"Ctrl+{at}" for at, _ in enumerate(PAGES, 1))),
}


class Commands:
    """Lives as long as the window."""

    def __init__(self, controller: Controller, trust_code: bool = False) -> None:
        self.controller, self.window = controller, controller.window
        self._trust_code = controller.trust_code = trust_code
        self.take_away = TakeAway(controller)
        self.window.keys.set_groups(KEYS)
        self._shortcuts()
        self._connect()

    # --- keys ---

    def _shortcuts(self) -> None:
        c, w = self.controller, self.window
        keys: dict[str, Callable[[], object]] = {
            "J": lambda: c.step(1),
            "K": lambda: c.step(-1),
            "PgDown": lambda: c.page(1),
            "PgUp": lambda: c.page(-1),
            "Alt+1": lambda: c.show_workspace("explore"),
            "Alt+2": lambda: c.show_workspace("compare"),
            "F": w.explore.strip.play.toggle,
            "/": self._search,
            "I": lambda: w.explore.input.setCurrentIndex(0),
            "S": self._next_sort,
            "C": self._next_scale,
            "Ctrl+O": self.choose_input,
            "Ctrl+V": self.paste,
            "N": lambda: c.neighbour(1),
            "P": lambda: c.neighbour(-1),
            "Space": c.toggle_live,
            ",": lambda: c.step_frame(-1),
            ".": lambda: c.step_frame(1),
            "L": lambda: c.play_input(InputRef("scene")),
            "Ctrl+C": self.take_away.copy_maps,
            "Ctrl+Shift+C": self.take_away.copy_python,
            "Ctrl+E": self.take_away.save_values,
            "Ctrl+S": self.save_session,
            "Ctrl+Shift+O": self.choose_session,
            "Ctrl+M": self.choose_model,
            "Alt+Left": c.back,
            "Alt+Right": c.forward,
            "Ctrl+T": self.toggle_theme,
            "Ctrl+Z": c.understand.ablation.undo,
            **{f"Ctrl+{at}": partial(w.explore.channel.set_page, page) for at, page in enumerate(PAGES, 1)},
            "Ctrl+,": self.choose_settings,
            "F11": lambda: w.setWindowState(w.windowState() ^ Qt.WindowState.WindowFullScreen),
            "?": self.show_keys,
            "F1": self.show_keys,
            "Ctrl+Q": w.close,
        }
        for key, what in keys.items():
            # what acts on Explore belongs to that workspace, and sleeps while it is hidden
            shortcut = QShortcut(QKeySequence(key), w.explore if key in _IN_EXPLORE else w)
            shortcut.activated.connect(what)

    def _connect(self) -> None:
        c, bar, w = self.controller, self.window.toolbar, self.window
        bar.back.connect(c.back)
        bar.forward.connect(c.forward)
        bar.settings.connect(self.choose_settings)
        bar.theme_toggled.connect(self.toggle_theme)
        bar.keys.connect(self.show_keys)
        bar.model_menu.aboutToShow.connect(lambda: self._fill_models(bar.model_menu))
        bar.input_menu.aboutToShow.connect(lambda: self._fill_inputs(bar.input_menu))
        bar.live_menu.aboutToShow.connect(lambda: self._fill_live(bar.live_menu))
        c.compare.model_menu.connect(self._fill_column_models)
        c.compare.input_menu.connect(self._fill_column_inputs)
        w.dropped.connect(self.open_paths)
        w.explore.input.picture.dropped.connect(self.open_paths)
        w.explore.input.picture.activated.connect(self.choose_input)
        w.explore.channel.maximise.copied.connect(self.take_away.copy_maximised)
        w.explore.channel.maximise.saved.connect(self.take_away.save_maximised)
        w.explore.channel.menu.aboutToShow.connect(lambda: self.take_away.fill(w.explore.channel.menu))

    def _search(self) -> None:
        self.window.explore.input.setCurrentIndex(1)
        self.window.explore.input.tree.search.setFocus()

    def _next_sort(self) -> None:
        now = self.controller.session
        keys = [key for key in SortKey if key is not SortKey.MEASURED or now.measured is not None]
        here = keys.index(now.sort) if now.sort in keys else 0
        self.controller.change(sort=keys[(here + 1) % len(keys)])

    def _next_scale(self) -> None:
        if self.window.workspace == "compare":
            self.controller.compare.next_scale()
            return
        modes = list(ScaleMode)
        self.controller.change(scale=modes[(modes.index(self.controller.session.scale) + 1) % len(modes)])

    def show_keys(self) -> None:
        self.window.keys.open()

    def toggle_theme(self) -> None:
        self.set_theme("light" if theme.current().dark else "dark")

    def set_theme(self, name: str) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app, theme.THEMES[name])
        self.controller.settings.put("theme", name)
        self.controller.view.restyle()
        self.controller.compare.restyle()

    # --- menus ---

    def _fill_models(self, menu: QMenu) -> None:
        menu.clear()
        self._add_models(menu, self.open_model)
        menu.addSeparator()
        self._add(
            menu,
            "Another model …\tCtrl+M",
            self.choose_model,
            "By name, from a weights file or from your own Python file",
        )
        act = self._add(menu, "Preprocessing …", self.choose_preprocess, "Input size, crop, mean and std, channels")
        act.setEnabled(self.controller.card is not None)
        self._add(menu, "About and folders …", self.show_about)

    def _fill_column_models(self, key: int, menu: QMenu) -> None:
        compare = self.controller.compare

        def take(spec: ModelSpec, allow_download: bool = False) -> None:
            if self._agreed(spec):
                compare.set_model(key, spec, allow_download)

        menu.clear()
        self._add_models(menu, take)
        menu.addSeparator()
        now = compare.doc.column(key).model
        if now is not None and not now.weights and not now.untrained:
            self._add(menu, "The same, untrained", lambda: take(replace(now, untrained=True)), "Random weights, seed 0")
        self._add(menu, "Another model …", lambda: self.choose_model(now=now, take=take))

    def _fill_column_inputs(self, key: int, menu: QMenu) -> None:
        compare = self.controller.compare
        self._clear(menu)
        act = self._add(menu, "The input all share", lambda: compare.set_input(key, None), "As chosen at the top")
        act.setEnabled(compare.doc.column(key).input is not None)
        self._add(menu, "Open picture …", lambda: self._choose_column_input(key))
        self._fill_samples(menu, partial(compare.set_input, key))

    def _choose_column_input(self, key: int) -> None:
        path, _ = QFileDialog.getOpenFileName(self.window, "Open picture or video", self._folder(), _PICTURES)
        if path:
            self.controller.compare.set_input(key, file_ref(path))

    def _add_models(self, menu: QMenu, take: Callable[[ModelSpec], None]) -> None:
        """The models that are ready to open, and those that were open lately."""
        from explorer.engine.models import catalogue

        ready = [entry for entry in catalogue() if entry.ready]
        for section, demo in (("Demo models", True), ("Ready to open", False)):
            part = [entry for entry in ready if entry.id.startswith("demo:") is demo]
            if part:
                menu.addSection(section)
            for entry in part:
                title = f"{entry.title}\t{entry.says}" if entry.says else entry.title
                self._add(menu, title, lambda e=entry: take(ModelSpec(e.id)), str(entry.weights or ""))
        recent = [name for name in self.controller.settings.recent("models") if name not in {e.id for e in ready}]
        if recent:
            menu.addSection("Recent")
            for name in recent[:6]:
                self._add(menu, name, lambda n=name: take(ModelSpec(n, untrained=n.startswith("torchvision:"))))

    def _clear(self, menu: QMenu) -> None:
        menu.clear()
        for part in menu.findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly):
            part.deleteLater()

    def _fill_inputs(self, menu: QMenu) -> None:
        self._clear(menu)
        self._add(menu, "Open picture or video …\tCtrl+O", self.choose_input)
        self._add(menu, "Open folder …", self.choose_folder, "The first picture of a folder; N and P go through it")
        self._add(menu, "Paste\tCtrl+V", self.paste)
        self._add(menu, "Next in folder\tN", lambda: self.controller.neighbour(1))
        self._add(menu, "Previous in folder\tP", lambda: self.controller.neighbour(-1))
        self._fill_samples(menu, self.controller.open_input)
        recent = [path for path in self.controller.settings.recent("inputs") if Path(path).is_file()]
        if recent:
            menu.addSection("Recent")
            for path in recent[:8]:
                self._add(menu, Path(path).name, lambda p=path: self.controller.open_input(file_ref(p)), path)
        menu.addSeparator()
        self._add(menu, "Open session …\tCtrl+Shift+O", self.choose_session)
        self._add(menu, "Save session …\tCtrl+S", self.save_session)

    def _fill_samples(self, menu: QMenu, take: Callable[[InputRef], object]) -> None:
        """Single pictures as they are, each larger group in a menu of its own."""
        from explorer.engine.inputs.samples import PICTURES, sample_pictures

        menu.addSection("Samples")
        parts = {PICTURES: menu}
        for sample in sample_pictures():
            part = parts.get(sample.group) or parts.setdefault(sample.group, menu.addMenu(sample.group))
            self._add(part, sample.title, lambda s=sample: take(InputRef("sample", s.name)))

    def _fill_live(self, menu: QMenu) -> None:
        menu.clear()
        live = self.controller.live
        act = self._add(menu, "Pause\tSpace" if live.playing else "Play\tSpace", self.controller.toggle_live)
        ref = self.controller.session.input
        act.setEnabled(live.playing or (ref is not None and ref.kind in ("video", "scene")))
        menu.addSeparator()
        self._add(menu, "Animated test scene\tL", lambda: self.controller.play_input(InputRef("scene")))
        self._add(menu, "Video file …", self.choose_video)
        menu.addSection("Camera")
        # without a list the first choice is offered all the same: starting it says what is missing
        for device, title in live.cameras() or [("", "First camera")]:
            self._add(menu, title, lambda d=device, t=title: self.controller.play_camera(d, t))

    def _add(self, menu: QMenu, title: str, what: Callable[[], object], tip: str = "") -> QAction:
        action = menu.addAction(title.replace("&", "&&"))
        action.setToolTip(text_tip(tip or title.split("\t")[0]))
        action.triggered.connect(lambda _on: what())
        return action

    # --- opening ---

    def open_model(self, spec: ModelSpec, allow_download: bool = False) -> None:
        """Opens a model; asks first when it is a Python file that has not been agreed to."""
        if self._agreed(spec):
            self.controller.open_model(spec, self._trust_code, allow_download)

    def agreed_already(self, spec: ModelSpec) -> bool:
        """Whether a model opens without a question."""
        return not self._question(spec)

    def _agreed(self, spec: ModelSpec) -> bool:
        """Whether the model may be opened, asking where that has to be asked."""
        question = self._question(spec)
        if question is None:
            return True
        from explorer.engine.models import Consent
        from explorer.ui.dialogs.consent import ask_consent

        path, digest = question
        if not digest or not ask_consent(path, digest, self.window):
            return False
        try:
            Consent().grant(path, digest)
        except ExplorerError as error:  # said once the model is being opened
            QTimer.singleShot(0, self.window, lambda error=error: self._fail(error))
        return True

    def _question(self, spec: ModelSpec) -> tuple[Path, str] | None:
        """The file and the hash of its content that must be agreed to; an empty hash when it cannot be read."""
        from explorer.engine.models import Consent
        from explorer.engine.models.values import parse_file, parse_id

        try:
            named = parse_id(spec.id)
            if named.source != "file" or self._trust_code:
                return None
            path = parse_file(named.name)[0]
            digest = Consent().needs_consent(path)
        except ExplorerError as error:
            self._fail(error)
            return Path(), ""
        return None if digest is None else (path, digest)

    def _fail(self, error: ExplorerError) -> None:
        self.controller.fail(Failure(error.what, error.why, error.todo, type=type(error).__name__))

    def open_paths(self, paths: list[str]) -> None:
        """Files or folders that were dropped, pasted or named: pictures, videos, weights, Python files, sessions."""
        from explorer.ui.incoming import classify

        found = classify(paths)
        if found.sessions:
            self.open_session(Path(found.sessions[0]))
        elif found.python or found.weights:
            self.controller.show_workspace("explore")
            self.choose_model([*found.python[:1], *found.weights[:1]])
        elif found.pictures or found.videos:
            first = (*found.pictures, *found.videos)[0]
            self.controller.open_input(file_ref(first))
        elif found.folders:
            self.open_folder(Path(found.folders[0]))
        elif found.unknown:
            # the content decides, not the name
            self.controller.open_input(InputRef("picture", str(found.unknown[0])))

    def open_folder(self, folder: Path) -> None:
        from explorer.engine.inputs.folder import list_folder

        try:
            files = list_folder(folder)
            if not files:
                raise ExplorerError(
                    f"{folder.name} holds no picture.", "", "Choose a folder with PNG, JPEG or other pictures."
                )
        except ExplorerError as error:
            self._fail(error)
            return
        self.controller.open_input(file_ref(files[0]))

    def choose_input(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self.window, "Open picture or video", self._folder(), _PICTURES)
        if path:
            self.open_paths([path])

    def choose_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self.window, "Open folder", self._folder())
        if path:
            self.open_folder(Path(path))

    def choose_video(self) -> None:
        filters = "Videos (*.mp4 *.mov *.mkv *.avi *.webm *.ts *.m4v);;All files (*)"
        path, _ = QFileDialog.getOpenFileName(self.window, "Open video", self._folder(), filters)
        if path:
            self.controller.play_input(InputRef("video", path))

    def _folder(self) -> str:
        recent = self.controller.settings.recent("inputs")
        return str(Path(recent[0]).parent) if recent else ""

    def paste(self) -> None:
        """A picture or the paths of files from the clipboard."""
        from explorer.ui.incoming import from_clipboard

        found = from_clipboard(QGuiApplication.clipboard().mimeData())
        if found is None:
            self._fail(ExplorerError("There is no picture on the clipboard.", "", "Copy a picture or a file first."))
        elif isinstance(found, list):
            self.open_paths(found)
        else:
            self.controller.open_pixels(found, "clipboard")

    def choose_model(
        self,
        dropped: list[str] | None = None,
        now: ModelSpec | None = None,
        take: Callable[[ModelSpec, bool], None] | None = None,
    ) -> None:
        """The dialog, on the model `now`; what is chosen goes to `take`. Without both they are Explore's."""
        from explorer.engine.models import catalogue
        from explorer.ui.dialogs.model_dialog import ModelDialog

        dialog = ModelDialog(catalogue(), now or self.controller.session.model, self.window)
        dialog.take_files(dropped or [])
        if dialog.exec():
            (take or self.open_model)(dialog.spec, dialog.allow_download)
        dialog.deleteLater()

    def choose_preprocess(self) -> None:
        from explorer.ui.dialogs.preprocess_dialog import PreprocessDialog

        card = self.controller.card
        if card is None:
            return
        dialog = PreprocessDialog(card.preprocess, self.controller.own_preprocess or card.preprocess, self.window)
        if dialog.exec() and dialog.preprocess != card.preprocess:
            self.controller.set_preprocess(dialog.preprocess)
        dialog.deleteLater()

    def choose_settings(self) -> None:
        from explorer.ui.dialogs.settings_dialog import SettingsDialog

        c = self.controller
        if c.engine is None:
            return
        budget = c.settings.number("budget")
        dialog = SettingsDialog(c.engine, c.engine.device, c.engine.threads, budget, theme.current().name, self.window)
        if dialog.exec():
            values = dialog.values
            for name, value in (("device", values.device), ("threads", values.threads), ("budget", values.budget)):
                c.settings.put(name, value)
            if values.theme != theme.current().name:
                self.set_theme(values.theme)
            c.desk.use(values.device, values.threads, values.budget)
        dialog.deleteLater()

    def show_about(self) -> None:
        from explorer.ui.dialogs.about import AboutDialog

        dialog = AboutDialog(self.window)
        dialog.exec()
        dialog.deleteLater()

    # --- sessions ---

    def choose_session(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self.window, "Open session", "", _SESSIONS)
        if path:
            self.open_session(Path(path))

    def open_session(self, path: Path) -> None:
        try:
            text = path.read_text(encoding="utf-8")
            session = document.from_json(text)
        except (OSError, UnicodeDecodeError) as error:
            self._fail(ExplorerError(f"{path.name} could not be read.", str(error), "Choose another file."))
        except ExplorerError as error:
            self._fail(error)
        else:
            if session.model is None or self._agreed(session.model):
                self.controller.show_workspace("explore")
                self.controller.go_to(session)

    def save_session(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self.window, "Save session", "session.fmx.json", _SESSIONS)
        if path:
            text = document.to_json(self.controller.session)
            self.controller.desk.save(
                path if path.endswith(".json") else f"{path}.fmx.json", lambda _job: text.encode()
            )
