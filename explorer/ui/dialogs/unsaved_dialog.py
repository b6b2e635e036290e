"""The question before a window closes whose session has changed since it was saved."""

from __future__ import annotations

from PySide6.QtWidgets import QDialogButtonBox, QWidget

from explorer.core.translation import tr
from explorer.ui.dialogs.parts import Dialog, Note, breakable


class UnsavedDialog(Dialog):
    """`discarded`: the person closes without saving."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(tr("Save the session?"), tr("Save"), parent)
        self.discarded = False
        self.body.addWidget(
            Note(
                breakable(
                    tr(
                        "{name} has changed since it was saved. Without saving the file stays as it was; the "
                        "window itself opens as it is now at the next start.",
                        name=name,
                    )
                )
            )
        )
        self.discard = self.buttons.addButton(tr("Close without saving"), QDialogButtonBox.ButtonRole.DestructiveRole)
        self.discard.setAutoDefault(False)
        self.discard.clicked.connect(self._discard)
        self.setMinimumWidth(460)
        self.judge("")

    def _discard(self) -> None:
        self.discarded = True
        self.accept()
