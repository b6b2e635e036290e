"""The actions that go through workspaces, layers, the pictures of a folder and the frames of what moves."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from explorer import catalogue
from explorer.core.inputs import InputRef
from explorer.core.translation import tr
from explorer.ui.actions import Action
from explorer.ui.controller import Controller
from explorer.ui.live import MOVING

_UNDO = tr("Takes the last change back, in whatever workspace it was made")
_REDO = tr("Makes the change again that was taken back last")


class Navigation:
    """Each says why it cannot be done now."""

    def __init__(self, controller: Controller) -> None:
        self._c = controller

    def own_actions(self) -> tuple[Action, ...]:
        """Going through workspaces, layers, the pictures of a folder and the frames of what moves."""
        return (*self._workspace_actions(), *self._layer_actions(), *self._input_actions())

    def _workspace_actions(self) -> tuple[Action, ...]:
        to = partial(Action, place="View/Workspace", family=tr("the workspaces"))
        there = [spec for spec in catalogue.workspaces if spec.id in self._c.window.workspaces]
        go, undo = partial(Action, place="Go/History", family=tr("back, forward")), partial(Action, place="Edit/Undo")
        back, forward = self._no_way_back, self._no_way_forward
        return (
            *(
                to(
                    f"view.{spec.id}",
                    spec.title,
                    partial(self._c.show_workspace, spec.id),
                    (f"Alt+{at}",) if at < 10 else (),
                    about=spec.about,
                )
                for at, spec in enumerate(there, 1)
            ),
            go("go.back", tr("Back"), self._c.state.back, ("Alt+Left",), why_not=back),
            go("go.forward", tr("Forward"), self._c.state.forward, ("Alt+Right",), why_not=forward),
            undo("edit.undo", tr("Undo"), self._c.state.back, ("Ctrl+Z",), about=_UNDO, why_not=back),
            undo(
                "edit.redo", tr("Redo"), self._c.state.forward, ("Ctrl+Shift+Z", "Ctrl+Y"), about=_REDO, why_not=forward
            ),
        )

    def _layer_actions(self) -> tuple[Action, ...]:
        go = partial(Action, place="Go/Layers", why_not=self._no_layers)
        layer, stage = partial(go, family=tr("next, previous layer")), partial(go, family=tr("next, previous stage"))
        play, about = self._c.window.explore.strip.play.toggle, tr("One layer after the other")
        return (
            layer("go.next_layer", tr("Next layer"), partial(self._c.step, 1), ("J",)),
            layer("go.last_layer", tr("Previous layer"), partial(self._c.step, -1), ("K",)),
            stage("go.next_stage", tr("Next stage"), partial(self._c.page, 1), ("PgDown",)),
            stage("go.last_stage", tr("Previous stage"), partial(self._c.page, -1), ("PgUp",)),
            go("go.play", tr("Play the layers"), play, ("F",), context="explore", about=about),
            *self._c.connections.own_actions(),
        )

    def _input_actions(self) -> tuple[Action, ...]:
        walk = partial(Action, place="Input/Folder", family=tr("next, previous in folder"), why_not=self._no_folder)
        gallery, choose = partial(Action, place="Input/Folder"), partial(self._c.folder.choose, self._c.window)
        thumbs = tr("Thumbnails of the folder that is open, or of the samples")
        live = partial(Action, place="Input/Live")
        frame = partial(live, family=tr("previous, next frame"), why_not=self._not_moving)
        scene = partial(self._c.play_input, InputRef("scene"))
        return (
            walk("input.next", tr("Next in folder"), partial(self._c.neighbour, 1), ("N",)),
            gallery("input.gallery", tr("Pictures to choose from …"), choose, ("Ctrl+G",), about=thumbs),
            walk("input.last", tr("Previous in folder"), partial(self._c.neighbour, -1), ("P",)),
            live("input.play", tr("Play or pause"), self._c.toggle_live, ("Space",), why_not=self._not_playable),
            frame(
                "input.last_frame", tr("Previous frame, or window of a sound"), partial(self._c.step_frame, -1), (",",)
            ),
            frame("input.next_frame", tr("Next frame, or window of a sound"), partial(self._c.step_frame, 1), (".",)),
            live("input.scene", tr("Animated test scene"), scene, ("L",), why_not=self.no_model),
        )

    def go_to_layer(self) -> Iterator[Action]:
        """One for each layer that can be shown."""
        for tap in self._c.view.capture.taps if self._c.view.capture is not None else ():
            if tap.observable:
                yield Action(
                    f"layer.{tap.name}", tap.name, partial(self._c.change, tap=tap.name), (), "Layer", "explore"
                )

    def _no_way_back(self) -> str:
        return "" if self._c.history.can_back else tr("There is nothing to go back to.")

    def _no_way_forward(self) -> str:
        return "" if self._c.history.can_forward else tr("Nothing was gone back from.")

    def _no_layers(self) -> str:
        there = self._c.compare.doc.columns if self._c.window.workspace == "compare" else self._c.view.layers.taps
        return "" if there else tr("No layer is shown yet.")

    def no_model(self) -> str:
        return "" if self._c.card is not None else tr("No model is open yet.")

    def _no_folder(self) -> str:
        ref = self._c.session.input
        walks = ref is not None and ref.kind in ("sample", "picture", "video")
        return "" if walks else tr("The input is not from a folder.")

    def _not_moving(self) -> str:
        ref = self._c.session.input
        moves = (ref is not None and ref.kind in MOVING) or self._c.windows.there
        return "" if moves else tr("The input is neither a video, nor the test scene, nor a window of a long sound.")

    def _not_playable(self) -> str:
        plays = self._c.live.playing or self._c.listening.has_sound
        return "" if plays else self.no_model() or self._not_moving()
