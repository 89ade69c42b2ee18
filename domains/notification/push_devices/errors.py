"""The errors of push devices. No message contains an address or a key."""

from domains.kernel.errors import InvalidInput, NotFound


class PushDeviceNotFound(NotFound):
    """The user has no push device with this id."""

    def __init__(self) -> None:
        super().__init__("You have no push device with this id. It may have been removed.", field=("id",))


class PushEndpointRefused(InvalidInput):
    """The endpoint is no https address on the public internet."""

    def __init__(self) -> None:
        super().__init__(
            "Give the `endpoint` of the browser's push subscription: an https address on the public internet.",
            field=("address",),
        )


class PushTokenInvalid(InvalidInput):
    """The text is no registration token of an app."""

    def __init__(self) -> None:
        super().__init__("Give the registration token that Firebase gave to the app.", field=("address",))


class PushKeyInvalid(InvalidInput):
    """The text is not the key of a browser's push subscription."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Give `keys.{name}` of the browser's push subscription, in base64url.", field=(name,))


class PushKeysNotApplicable(InvalidInput):
    """An app has no keys."""

    def __init__(self, name: str) -> None:
        super().__init__(f"`{name}` is of browsers only. Leave it out for an app.", field=(name,))
