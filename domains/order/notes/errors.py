"""The errors of notes on orders."""

from domains.kernel.errors import NotAllowed, NotFound


class OrderNoteNotFound(NotFound):
    """No order of the company has this note, or the actor may not change the order."""

    def __init__(self) -> None:
        super().__init__("There is no such note. It may have been deleted.", field=("note_id",))


class OrderNoteOfAnother(NotAllowed):
    """The note was written by another user, and the actor lacks ORDERS:MANAGE."""

    def __init__(self) -> None:
        super().__init__(
            "Another user wrote this note. Write a note of your own, or ask somebody with ORDERS:MANAGE.",
            field=("note_id",),
        )
