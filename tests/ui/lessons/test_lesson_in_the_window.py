"""A lesson in the real window: played, checked, answered, left and gone on with, handed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtPrintSupport import QPrintDialog, QPrinter

from explorer.core.lessons.lesson_file import NAME
from explorer.core.lessons.lesson_record import marks_of
from explorer.engine.lessons.hand_in import read_hand_in
from explorer.engine.lessons.lesson_source import lessons_inside
from explorer.engine.lessons.pack_kit import pack_kit
from explorer.methods.examples.spec import SPEC as EXAMPLES
from explorer.methods.examples.spec import ExamplesParams
from explorer.ui.lessons import lesson_desk
from explorer.ui.method_page.remembered import from_text, remember, remembered
from explorer.ui.settings import Settings
from tests.pictures.picture_state import CNN, WORLD
from tests.support.lesson_files import SMALL

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def app(window: Callable[..., Any]) -> Iterator[Any]:
    opened = window()
    opened.start(CNN, WORLD)
    opened.wait_capture()
    opened.rest()
    yield opened
    opened.lesson.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "small"
    made.mkdir()
    (made / NAME).write_text(SMALL, encoding="utf-8")
    return made


def begin(app: Any, path: Path) -> Any:
    app.lesson.open(path)
    app.until(lambda: app.lesson.begun)
    app.rest()
    app.lesson.look()
    return app.lesson.panel


def show(app: Any) -> None:
    app.lesson.panel.show_button.click()
    app.until(lambda: not app.lesson.showing)
    app.rest()
    app.lesson.look()


def answer(app: Any, number: int, text: str) -> None:
    view = app.lesson.panel.questions[number]
    view.fill(text)
    view.button.click()


def test_a_lesson_is_played_by_hand_from_start_to_end(app: Any, folder: Path) -> None:
    panel = begin(app, folder)
    assert app.lesson.dock.isVisible()
    assert (panel.title.text(), panel.text.words, panel.next_button.text()) == ("Look", "It says star, 99 %.", "Next")
    panel.next_button.click()
    assert (panel.caption.accessibleName(), panel.next_button.text()) == ("Step 2 of 2", "Finish")
    assert app.lesson.highlight.isVisible()
    assert not panel.questions[0].isVisible()  # asked once the step is done
    panel.check_button.click()
    assert panel.note.text().startswith("Not yet: a layer stage1.* is shown; the question “How many?” is not answered")
    panel.hint_button.click()
    assert panel.note.text().startswith("The strip.")
    app.change(tap="stage1.0.conv2")
    app.until(lambda: panel.questions[0].isVisible())  # without asking it to look
    assert panel.note.text().startswith("Not yet: the question “How many?” is not answered")  # no hint of what is done
    assert not app.lesson.highlight.isVisible()
    assert panel.then.isHidden()  # it tells what the first question asks for
    answer(app, 0, "many")
    assert panel.questions[0].verdict.text() == "That is no number."
    answer(app, 0, "31")
    assert panel.questions[0].verdict.text() == "That is not right. Try it again."
    answer(app, 0, "32")
    answer(app, 1, "1")
    assert panel.questions[0].verdict.text() == "Right."
    assert panel.then.words == "32 channels"
    assert not panel.questions[1].button.isEnabled()
    app.lesson.look()
    assert app.lesson.record.step("deeper").done
    assert panel.marks.text() == "3.5 of 4"  # two for the step, one and half a one for the questions
    panel.next_button.click()
    assert app.lesson.shows_results
    assert "How many?" in app.lesson.results.text.words
    assert app.failures == []


def test_what_the_program_shows_gives_no_marks_for_the_step(app: Any, folder: Path) -> None:
    panel = begin(app, folder)
    panel.next_button.click()
    show(app)
    assert app.session.tap == "stage1.0.conv1"
    answer(app, 0, "32")
    answer(app, 1, "1")
    app.lesson.look()
    assert app.lesson.record.step("deeper").done
    assert panel.marks.text() == "2 of 4"
    panel.back_button.click()
    assert panel.title.text() == "Look"


def test_the_lesson_goes_on_where_it_was_left(app: Any, folder: Path, tmp_path: Path) -> None:
    app.lesson.keep_in(tmp_path / "kept")
    panel = begin(app, folder)
    panel.next_button.click()
    app.change(tap="stage1.0.conv2")
    app.rest()
    app.lesson.look()
    answer(app, 0, "32")
    panel.close_button.click()
    assert app.lesson.now is None
    assert not app.lesson.dock.isVisible()
    app.change(tap="stem.2")
    app.rest()
    panel = begin(app, folder)
    assert (panel.title.text(), app.session.tap) == ("Deeper", "stage1.0.conv2")
    assert panel.questions[0].verdict.text() == "Right."
    action = app.commands.actions["lesson.again"]
    app.commands.actions.run(action)
    app.until(lambda: app.lesson.begun)
    assert (panel.title.text(), dict(app.lesson.record.answers)) == ("Look", {})


def test_what_was_set_on_a_page_before_is_not_in_the_lesson(window: Callable[..., Any], folder: Path) -> None:
    settings = Settings(lasting=False)
    remember(settings, EXAMPLES, ExamplesParams(order="least"))
    app = window(settings=settings)
    app.start(CNN, WORLD)
    app.wait_capture()
    app.explore.channel.area.set_page("examples")
    app.rest()
    begin(app, folder)
    assert remembered(settings, EXAMPLES) == ExamplesParams()
    assert from_text(EXAMPLES, dict(app.session.methods)["examples"]) == ExamplesParams()
    app.lesson.close()


def test_one_that_was_ended_begins_with_its_own_start(app: Any, folder: Path, tmp_path: Path) -> None:
    app.lesson.keep_in(tmp_path / "kept")
    panel = begin(app, folder)
    panel.next_button.click()
    app.change(tap="stage1.0.conv2")
    app.rest()
    panel.next_button.click()
    assert app.lesson.shows_results
    app.lesson.open(folder)
    panel.close_button.click()  # before it has come
    begin(app, folder)
    assert app.session.tap == "stem.2"


def test_a_kit_is_dropped_and_starts(app: Any, folder: Path, tmp_path: Path) -> None:
    kit = pack_kit(folder, tmp_path / "small.fmxlab").path
    app.drop([str(kit)])
    app.until(lambda: app.lesson.begun)
    assert app.lesson.now.title == "Small"


def test_what_is_missing_is_told_before_it_starts(app: Any, folder: Path) -> None:
    (folder / NAME).write_text(SMALL.replace("demo:shapes-cnn", "demo:gone"), encoding="utf-8")
    failure = app.failure(lambda: app.lesson.open(folder))
    assert failure.what == "The lesson “Small” cannot start."
    assert "The model demo:gone is not there" in failure.why
    assert app.lesson.now is None
    (folder / NAME).write_text(SMALL.replace("format = 1", "format = 1\nx = 2"), encoding="utf-8")
    assert "line 2, x: is not known" in app.failure(lambda: app.lesson.open(folder)).why


def test_a_layer_that_the_model_does_not_have_is_told_when_it_is_open(app: Any, folder: Path) -> None:
    (folder / NAME).write_text(SMALL.replace('tap = "stage1.0.conv1"', 'tap = "layer9"'), encoding="utf-8")
    begin(app, folder)
    assert app.lesson.faults == ("Step 2, “Deeper”, shows the layer layer9, which this model does not have.",)
    assert "does not fit this model" in app.failures[-1].what


def test_a_gated_lesson_and_a_held_step_wait(app: Any, folder: Path) -> None:
    text = SMALL.replace("minutes = 5", 'minutes = 5\norder = "gated"').replace(
        'done = "read"', 'done = "read"\nhold = "Blue Whale"'
    )
    (folder / NAME).write_text(text, encoding="utf-8")
    panel = begin(app, folder)
    assert not panel.next_button.isEnabled()
    assert panel.hold.isVisible()
    panel.hold.setText("red whale")
    panel.hold.returnPressed.emit()
    assert panel.note.text().startswith("That is not the word")
    panel.hold.setText(" blue  whale ")
    panel.hold.returnPressed.emit()
    assert not panel.hold.isVisible()
    panel.next_button.click()
    assert panel.title.text() == "Deeper"
    assert not panel.next_button.isEnabled()  # not done yet
    assert "Check says what is missing" in panel.next_button.toolTip()


def test_a_class_waits_at_the_step_that_its_file_names(app: Any, folder: Path) -> None:
    (folder / "class.txt").write_text("1", encoding="utf-8")
    panel = begin(app, folder)
    assert not panel.next_button.isEnabled()
    assert panel.next_button.toolTip().startswith("The class waits here")
    for text, free in (("2", True), ("nothing of that", True), ("1", False), ("", True)):
        (folder / "class.txt").write_text(text, encoding="utf-8")
        app.lesson.class_file.read()
        app.lesson.look()
        assert panel.next_button.isEnabled() is free, text
        assert ("names no step" in panel.note.text()) is (text == "nothing of that")


def test_a_test_keeps_answers_and_shows_nothing(app: Any, folder: Path) -> None:
    (folder / NAME).write_text(SMALL.replace("minutes = 5", "minutes = 5\nshow_me = false"), encoding="utf-8")
    panel = begin(app, folder)
    panel.next_button.click()
    assert not panel.show_button.isEnabled()
    app.change(tap="stage1.0.conv2")
    app.rest()
    app.lesson.look()
    answer(app, 0, "31")
    assert panel.questions[0].verdict.text() == "Your answer is kept."
    assert not panel.questions[0].button.isEnabled()


def test_it_is_handed_in_and_read_back(app: Any, folder: Path, tmp_path: Path) -> None:
    begin(app, folder)
    app.lesson.show_results()
    app.lesson.results.name.setText("Ada")
    app.lesson.results.name.textEdited.emit("Ada")
    app.lesson.write_hand_in(tmp_path / "ada.fmxhand")
    found = read_hand_in(tmp_path / "ada.fmxhand")
    assert (found.record.person, found.record.lesson, found.most) == ("Ada", "small", 4.0)
    assert found.marks == marks_of(app.lesson.now, app.lesson.record)
    assert '"stem.2"' in found.session
    app.lesson.show_hand_ins(tmp_path)
    table = app.lesson.table
    assert (table.table.item(0, 0).text(), table.table.item(0, 1).text()) == ("Ada", "0 of 4")
    assert table.answers.item(0, 0).text() == "How many?"
    table.open_button.click()
    app.rest()
    assert app.session.tap == "stem.2"
    table.close()


@pytest.mark.parametrize("to_file", [False, True])
def test_a_result_without_a_printer(app: Any, folder: Path, tmp_path: Path, monkeypatch: Any, to_file: bool) -> None:
    """A file in its place is written as every file is; nothing at all is said."""

    def accepted(dialog: QPrintDialog) -> int:
        dialog.printer().setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        dialog.printer().setOutputFileName(str(path) if to_file else "")
        return 1

    begin(app, folder)
    path = tmp_path / "r.pdf"
    failures: list[Any] = []
    app.failed.connect(failures.append)
    monkeypatch.setattr(QPrintDialog, "exec", accepted)
    app.lesson.results.print_button.click()
    app.rest()
    assert path.exists() == to_file
    assert [failure.what for failure in failures] == ([] if to_file else ["The result was not printed."])


def test_the_result_is_written_as_a_pdf(app: Any, folder: Path, tmp_path: Path, monkeypatch: Any) -> None:
    begin(app, folder)
    app.lesson.show_results()
    paths = iter((tmp_path / "r.pdf", tmp_path / "no folder" / "r.pdf"))
    monkeypatch.setattr(lesson_desk, "ask_path", lambda *_: str(next(paths)))
    app.lesson.results.save_button.click()
    app.until(lambda: (tmp_path / "r.pdf").exists())
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF")
    failure = app.failure(app.lesson.results.save_button.click)
    assert "no folder" in f"{failure.what} {failure.why}"


def test_a_lesson_that_comes_with_the_program_is_not_edited(app: Any) -> None:
    inside = lessons_inside()[0]
    before = (inside / NAME).read_bytes()
    begin(app, inside)
    for name in ("lesson.new_step", "lesson.edit"):
        assert "comes with the program" in app.commands.actions[name].why_not()
    app.change(tap="stage2.0", channel=7)
    app.rest()
    app.lesson.author.new_step()
    app.lesson.author.edit()
    assert (inside / NAME).read_bytes() == before
    assert app.lesson.author.editor is None


def test_a_step_is_recorded_and_the_text_is_live(app: Any, folder: Path) -> None:
    panel = begin(app, folder)
    app.change(tap="stage2.0", channel=7)
    app.rest()
    app.lesson.author.new_step()
    assert panel.caption.accessibleName() == "Step 2 of 3"
    assert app.lesson.step.guide.id == "step-3"
    text = (folder / NAME).read_text(encoding="utf-8")
    assert 'done = { tap = "stage2.0", channel = 7 }' in text
    assert text.index('"step-3"') < text.index('id = "deeper"')
    app.commands.actions.run(app.commands.actions["lesson.again"])
    app.until(lambda: app.lesson.begun)
    app.lesson.go_to(1)
    assert not app.lesson.record.step("step-3").done
    show(app)
    assert app.lesson.record.step("step-3").done
    assert (app.session.tap, app.session.channel) == ("stage2.0", 7)
    (folder / NAME).write_text(text.replace('title = "New step"', 'title = "Renamed"'), encoding="utf-8")
    app.lesson.author.look()
    assert panel.title.text() == "Renamed"
    (folder / NAME).write_text(text.replace("format = 1", "format = one"), encoding="utf-8")
    app.lesson.author.look()
    assert panel.title.text() == "Renamed"  # what cannot be read says why, and the old one stays
    assert "This lesson cannot be used" in app.failures[-1].what


def test_an_edited_text_leaves_what_was_done_to_be_recorded(app: Any, folder: Path, tmp_path: Path) -> None:
    app.lesson.keep_in(tmp_path / "kept")
    begin(app, folder)
    app.change(tap="stage2.0")
    app.rest()
    (folder / NAME).write_text(SMALL.replace('title = "Look"', 'title = "See"'), encoding="utf-8")
    app.lesson.author.look()
    app.lesson.author.new_step()
    assert 'done = { tap = "stage2.0" }' in (folder / NAME).read_text(encoding="utf-8")
    assert len(list((tmp_path / "kept").iterdir())) == 2  # the record and the session of the text as it is now


def test_nothing_new_is_no_step(app: Any, folder: Path) -> None:
    begin(app, folder)
    app.lesson.author.new_step()
    assert "Nothing that a lesson can ask for has changed" in app.failures[-1].why


def test_the_editor_saves_what_can_be_read(app: Any, folder: Path) -> None:
    begin(app, folder)
    app.lesson.author.edit()
    editor = app.lesson.author.editor
    editor.text.setPlainText(SMALL.replace('title = "Look"', 'title = "See"'))
    editor.save()
    app.lesson.author.look()
    assert app.lesson.panel.title.text() == "See"
    editor.text.setPlainText("format = one")
    editor.save()
    assert editor.state.text().startswith("Not saved: ")
    assert 'title = "See"' in (folder / NAME).read_text(encoding="utf-8")
    app.lesson.author.edit()
    app.lesson.author.new_step()
    assert "is not saved" in app.failures[-1].why
    assert not editor.close()  # what cannot be saved is not thrown away unasked
    assert editor.typed == "format = one"
    editor.text.setPlainText(SMALL)
    assert editor.save()
    written = SMALL.replace("Go to", "Go\u00a0to")
    (folder / NAME).write_text(written, encoding="utf-8")
    app.lesson.author.look()
    assert editor.typed == written
    editor.close()
    assert (folder / NAME).read_text(encoding="utf-8") == written


def test_a_lesson_inside_is_shown_in_another_language(app: Any) -> None:
    panel = begin(app, lessons_inside()[0])
    before = panel.title.text()
    app.commands.actions.run(app.commands.actions["lesson.language"])
    assert panel.title.text() != before
    assert app.lesson.step is not None


def test_what_a_question_is_about_is_framed_until_it_is_answered(app: Any, folder: Path) -> None:
    asked = SMALL.replace(
        'done = { tap = "stage1.*" }\nshow = [{ set = { tap = "stage1.0.conv1" } }]', 'done = "answer"'
    )
    read = asked.replace('done = "read"', 'done = "read"\npoint = ["input"]')
    (folder / NAME).write_text(read, encoding="utf-8")
    panel = begin(app, folder)
    assert app.lesson.highlight.isVisible()
    panel.next_button.click()
    assert app.lesson.highlight.isVisible()
    answer(app, 0, "32")
    answer(app, 1, "1")
    assert not app.lesson.highlight.isVisible()


def test_where_it_goes_on_is_no_longer_said_at_the_next_step(app: Any, folder: Path, tmp_path: Path) -> None:
    app.lesson.keep_in(tmp_path / "kept")
    begin(app, folder).next_button.click()
    app.lesson.panel.close_button.click()
    panel = begin(app, folder)
    assert (app.banner.kind, app.banner.text) == ("info", "“Small” goes on at step 2, where it was left.")
    panel.back_button.click()
    assert app.banner.kind == ""


def test_a_tour_ends_when_a_lesson_begins(app: Any, folder: Path) -> None:
    app.commands.guidance.take_tour()
    begin(app, folder)
    assert app.guide.now is None
