"""Help in the window: tours and walkthroughs, what a page shows, the glossary; with the commands that ask for them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QCursor, QDesktopServices
from PySide6.QtWidgets import QAbstractItemView, QApplication, QWidget

from explorer.core import glossary
from explorer.core.errors import ExplorerError
from explorer.core.guides.guide import Guide
from explorer.core.guides.guide_file import BUILT_IN, built_in
from explorer.core.system import paths
from explorer.core.translation import tr, uncapitalised
from explorer.ui.actions import Action
from explorer.ui.controller import Controller
from explorer.ui.guide.glossary_view import GlossaryView
from explorer.ui.guide.offer_line import OfferLine
from explorer.ui.guide.page_help import PageHelp
from explorer.ui.guide.presenter import GuidePresenter
from explorer.ui.notices import failure_of

_OFFERED = "guide/offered"  # in the settings
_AROUND = 4  # widgets, one in the other, whose words are looked through for terms
_TIP = Qt.ItemDataRole.ToolTipRole
_NONE_OPEN = tr("No guide is open.")


class Guidance:
    """Lives as long as the window."""

    def __init__(self, controller: Controller) -> None:
        self._c, self._window = controller, controller.window
        page = self._window.centralWidget()
        assert page is not None
        self.runs = GuidePresenter(controller)
        self.page_help, self.glossary = PageHelp(page), GlossaryView(page)
        self.offer_line = OfferLine(
            tr("New here? A tour shows in six steps what a network sees: about five minutes, in this window.")
        )
        self._window.insert_line(self.offer_line)
        self._here: tuple[glossary.Term, ...] = ()  # terms of what was pointed at when the glossary was opened
        self._window.help_asked.connect(self._explain)
        self.page_help.linked.connect(self._follow)
        self.runs.card.linked.connect(self._follow)
        self.runs.ended.connect(self._ended)
        self.glossary.searched.connect(self._search)
        self.glossary.term_asked.connect(self.define)
        self.offer_line.taken.connect(self.take_tour)
        self.offer_line.declined.connect(self._remember)

    def own_actions(self) -> tuple[Action, ...]:
        """Guides, the glossary, what the open page shows."""
        start, learn = partial(Action, place="Help/Guides"), partial(Action, place="Help/Learn")
        page = tr("What the open page shows, how to read it, when it misleads")
        manual = tr("All pages in the browser, from this computer: tasks, methods, commands, Python API")
        terms = tr("The terms of the field; those of what is pointed at come first")
        return (
            *(self._begins(name) for name in BUILT_IN),
            start("help.card", tr("Go to the card of the guide"), self._to_card, ("F6",), why_not=self._no_guide),
            start(
                "help.before", tr("Back to what was open before the guide"), self.runs.restore, why_not=self._no_before
            ),
            learn("help.documentation", tr("Documentation"), self.open_documentation, about=manual),
            learn("help.glossary", tr("Glossary …"), self.explain_here, ("F1",), about=terms),
            learn(
                "help.page", tr("What this page shows"), self.explain_page, ("Shift+F1",), context="explore", about=page
            ),
        )

    def _begins(self, name: str) -> Action:
        """The command that begins a guide; one that cannot be read says so when it is asked for."""
        title, about = tr("Guide {name}", name=name), ""
        try:
            guide = built_in(name)
            title, about = tr("Walkthrough: {uncapitalised}", uncapitalised=uncapitalised(guide.title)), guide.about
        except ExplorerError:
            pass
        title = tr("Tour in six steps") if name == BUILT_IN[0] else title
        return Action(f"help.{name}", title, partial(self._begin_named, name), (), "Help/Guides", about=about)

    def to_find(self) -> Iterator[Action]:
        """For the command palette: every term."""
        for term in glossary.search(""):
            yield Action(f"term.{term.name}", term.name, partial(self.define, term.name), (), "Glossary")

    # --- guides

    def offer(self) -> None:
        """The line at the first start; never a second time."""
        settings = self._c.settings
        if settings.lasting and not settings.number(_OFFERED):
            self.offer_line.show()

    def _remember(self) -> None:
        self._c.settings.put(_OFFERED, 1)

    def take_tour(self) -> None:
        """The first of the guides."""
        self._begin_named(BUILT_IN[0])

    def _begin_named(self, name: str) -> None:
        try:
            self.begin(built_in(name))
        except ExplorerError as error:
            self._c.fail(failure_of(error))

    def begin(self, guide: Guide) -> None:
        """Starts a guide in the place of one that runs."""
        self._remember()
        self.offer_line.hide()
        self.page_help.hide()
        self.runs.begin(guide)

    def _ended(self, guide: Guide, whole: bool) -> None:
        end = tr("is done") if whole else tr("is closed")
        self._c.say(
            tr(
                "“{guide_title}” {end}. It starts again from the menu Help, which also leads back to what "
                "was open before.",
                guide_title=guide.title,
                end=end,
            )
        )

    def _to_card(self) -> None:
        self.runs.card.next_button.setFocus()

    def _no_guide(self) -> str:
        return "" if self.runs.guide is not None else _NONE_OPEN

    def _no_before(self) -> str:
        return "" if self.runs.before is not None else tr("No guide was opened.")

    # --- pages

    def explain_page(self) -> None:
        """As a click on the "?" of the open page."""
        self._window.explore.channel.help.ask()

    def _explain(self, name: str, beside: QWidget) -> None:
        self.page_help.open(name, beside)

    def open_documentation(self) -> None:
        """The built pages in the browser; in a checkout without them the Markdown they are made of, which is said."""
        page, built = paths.documentation()
        if page is None:
            self._c.say(tr("This installation has no documentation pages. They are in the folder docs of the sources."))
            return
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(page))):
            self._c.say(tr("No installed program opens {path}.", path=page))
        elif built:
            self._c.say(tr("The documentation is opened in the browser: {path}", path=page))
        else:
            told = tr(
                "The documentation is not built here; its Markdown is opened: {path}. python3 packaging/docs.py builds it.",
                path=page,
            )
            self._c.say(told)

    # --- terms

    def define(self, name: str) -> None:
        """The glossary at a term."""
        self._here = ()
        self._open(name)

    def explain_here(self) -> None:
        """The glossary, with the terms of what is pointed at first, or of what has the focus."""
        point = QCursor.pos()
        told = (
            " ".join(_words_of(widget, point)) for widget in (QApplication.widgetAt(point), QApplication.focusWidget())
        )
        self._here = next((found for words in told if (found := glossary.terms_in(words))), ())
        self._open("")

    def _open(self, typed: str) -> None:
        try:
            glossary.terms()
        except ExplorerError as error:
            self._c.fail(failure_of(error))
            return
        self.glossary.open(typed)

    def _search(self, typed: str) -> None:
        found = glossary.search(typed)
        if not typed.strip():
            found = (*self._here, *(term for term in found if term not in self._here))
        self.glossary.set_terms(found)

    def _follow(self, link: str) -> None:
        name = glossary.linked_term(link)
        if name:
            self.define(name)


def _words_of(widget: QWidget | None, point: QPoint) -> Iterator[str]:
    """What is said by and of a widget and of what it stands in; of a table what is at a point of the screen."""
    for _ in range(_AROUND):
        if widget is None or widget.isWindow():
            return
        parent = widget.parentWidget()
        if isinstance(parent, QAbstractItemView) and widget is parent.viewport():
            index = parent.indexAt(widget.mapFromGlobal(point))
            yield f"{index.data() or ''} {index.data(_TIP) or ''}"
        yield f"{_text_of(widget)} {widget.toolTip()} {widget.accessibleName()}"
        widget = parent


def _text_of(widget: QWidget) -> str:
    text = getattr(widget, "text", None)
    found = text() if callable(text) else ""
    return found if isinstance(found, str) else ""
