"""What the activity domain refuses."""

from domains.kernel.errors import DomainError, ErrorCode, RateLimited


class BatchTooLarge(DomainError):
    """More activities at once than are taken."""

    code = ErrorCode.LIMIT_EXCEEDED

    def __init__(self, size: int, most: int) -> None:
        super().__init__(
            f"A batch holds at most {most} activities; this one has {size}. Send several.",
            field=("activities",),
        )


class MetadataTooLarge(DomainError):
    """Metadata beyond its bounds of size or depth."""

    code = ErrorCode.LIMIT_EXCEEDED

    def __init__(self, bound: str, place: str) -> None:
        super().__init__(f"Metadata has at most {bound}.", field=("activities", place, "metadata"))


class TooManyBatches(RateLimited):
    """One address reports faster than a person acts."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            "Too many activities from this address. Send fewer, larger batches.", retry_after=retry_after
        )
