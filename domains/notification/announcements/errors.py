"""The errors of announcements."""

from uuid import UUID

from domains.kernel.errors import Conflict, NotFound


class AnnouncementNotFound(NotFound):
    """No announcement of the company has this id."""

    def __init__(self, announcement_id: UUID) -> None:
        super().__init__(f"There is no announcement {announcement_id}.", field=("id",))


class AnnouncementEnded(Conflict):
    """The announcement was sent to all or cancelled before."""

    def __init__(self) -> None:
        super().__init__("It was sent or cancelled already, and cannot be cancelled any more.", field=("id",))
