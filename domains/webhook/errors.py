"""The errors of webhooks. No message contains a secret."""

from collections.abc import Sequence

from domains.kernel.errors import InvalidInput, NotAllowed, NotFound, TooMany


class WebhookEndpointNotFound(NotFound):
    """There is no webhook endpoint with this id in the company."""

    def __init__(self, *, field: Sequence[str] = ("id",)) -> None:
        super().__init__("There is no webhook endpoint with this id.", field=field)


class WebhookDeliveryNotFound(NotFound):
    """There is no webhook delivery with this id in the company."""

    def __init__(self) -> None:
        super().__init__("There is no webhook delivery with this id. It is kept for 30 days.", field=("id",))


class WebhookAddressRefused(InvalidInput):
    """The address is no https address on the public internet."""

    def __init__(self) -> None:
        super().__init__(
            "Give an address that begins with https:// and names a host on the public internet, with port 443 or one "
            "from 1024 on, without a user name, a password or a fragment.",
            field=("url",),
        )


class WebhookTopicUnknown(InvalidInput):
    """No event with this topic is offered to webhooks."""

    def __init__(self, index: int) -> None:
        super().__init__(
            "No event with this topic is sent to webhooks. Choose offered topics, or `*` for all.",
            field=("topics", str(index)),
        )


class TooManyWebhookEndpoints(TooMany):
    """The company has as many webhook endpoints as are allowed."""

    def __init__(self, maximum: int) -> None:
        super().__init__(f"A company has at most {maximum} webhook endpoints. Delete one that is not used.")


class WebhookEndpointInactive(NotAllowed):
    """The endpoint is disabled, so that nothing is sent to it."""

    def __init__(self, *, field: Sequence[str] = ("id",)) -> None:
        super().__init__("The webhook endpoint is disabled. Enable it first.", field=field)


class WebhookDeliveryPending(NotAllowed):
    """The delivery has not ended: it is being tried."""

    def __init__(self) -> None:
        super().__init__("This delivery is still being tried. Replay it once it has ended.", field=("id",))
