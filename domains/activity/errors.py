"""The errors of the activity domain."""

from domains.kernel.errors import DomainError, RateLimited


class BatchTooLarge(DomainError):
    """The batch has too many activities."""

    def __init__(self, size: int, maximum: int) -> None:
        super().__init__(
            f"A batch has at most {maximum} activities; this one has {size}. Split it.",
            field=("activities",),
        )


class MetadataTooLarge(DomainError):
    """The metadata of an activity is too large or too deeply nested."""

    def __init__(self, limit: str, index: str) -> None:
        super().__init__(f"Metadata may have at most {limit}.", field=("activities", index, "metadata"))


class TooManyBatches(RateLimited):
    """Too many batches were reported from one IP address."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("Too many batches from this address. Send fewer, larger batches.", retry_after=retry_after)
