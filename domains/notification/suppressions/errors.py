"""The errors of suppressions."""

from domains.kernel.errors import NotAllowed, NotFound


class SuppressionNotFound(NotFound):
    """No suppression of the company has this id."""

    def __init__(self) -> None:
        super().__init__("There is no such suppression. It may have been lifted.", field=("id",))


class SuppressionByRecipient(NotAllowed):
    """The recipient has unsubscribed, and only the recipient can subscribe again."""

    def __init__(self) -> None:
        message = "The recipient unsubscribed. Only the recipient can subscribe again, in the account or the shop."
        super().__init__(message, field=("id",))
