"""The errors of notifications that are read or sent again."""

from uuid import UUID

from domains.kernel.errors import NotFound


class NotificationNotFound(NotFound):
    """No notification has this id, or it is another user's."""

    def __init__(self, notification_id: UUID) -> None:
        super().__init__(f"There is no notification {notification_id}.", field=("id",))
