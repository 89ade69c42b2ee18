"""The errors of carriers and shipping labels. No message contains a credential."""

from collections.abc import Sequence

from domains.kernel.errors import AlreadyExists, DomainError, InvalidInput, NotAllowed, NotFound, TooMany
from domains.shipping.data import LabelStatus


class CarrierNotFound(NotFound):
    """There is no carrier with this id in the company."""

    def __init__(self, *, field: Sequence[str] = ("id",)) -> None:
        super().__init__("There is no carrier with this id.", field=field)


class CarrierCodeTaken(AlreadyExists):
    """Another carrier of the company has this code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"There is a carrier with the code {code} already. Choose another code.", field=("code",))


class CarrierInUse(NotAllowed):
    """The carrier has shipping methods or labels, which name it."""

    def __init__(self) -> None:
        super().__init__(
            "Shipping methods or labels name this carrier. Deactivate it instead.",
            field=("id",),
        )


class TooManyCarriers(TooMany):
    """The company has as many carriers as are allowed."""

    def __init__(self, maximum: int) -> None:
        super().__init__(f"A company has at most {maximum} carriers. Delete one that nothing uses.")


class CarrierAdapterUnknown(NotAllowed):
    """No adapter with this name is installed, or it is closed in this installation."""

    def __init__(self, name: str, offered: Sequence[str]) -> None:
        super().__init__(
            f"There is no adapter {name[:50]!r} here. The adapters are {', '.join(offered)}.", field=("adapter",)
        )


class CarrierCredentialUnknown(InvalidInput):
    """The adapter has no credential with this name."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        names = f"Its credentials are {', '.join(known)}." if known else "It has none."
        super().__init__(f"The adapter has no credential {name[:50]!r}. {names}", field=("credentials", name))


class CarrierEndpointRefused(InvalidInput):
    """The address is no https address on the public internet."""

    def __init__(self) -> None:
        super().__init__(
            "Give an address that begins with https:// and names a host on the public internet, without a user "
            "name, a password or a fragment.",
            field=("api_endpoint",),
        )


class CarrierInactive(NotAllowed):
    """The carrier is inactive, or its adapter is closed in this installation."""

    def __init__(self, name: str, *, field: Sequence[str] = ("carrier_id",)) -> None:
        super().__init__(
            f"The carrier {name} sells no labels now. Activate it, or choose another one.",
            field=field,
        )


class CarrierSellsNoLabels(NotAllowed):
    """The adapter of the carrier prices parcels only."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The carrier {name} sells no labels. Choose one with the adapter of a carrier, or with MANUAL.",
            field=("carrier_id",),
        )


class CarrierNotReachable(DomainError):
    """The carrier does not answer now, or its credentials cannot be read."""

    def __init__(self) -> None:
        super().__init__("The carrier does not answer now. Try again later, or check its credentials.")


class LabelNotFound(NotFound):
    """There is no shipping label with this id in the company."""

    def __init__(self) -> None:
        super().__init__("There is no shipping label with this id.", field=("label_id",))


class LabelRefused(DomainError):
    """The carrier did not sell the label; it stays on record as FAILED."""

    def __init__(self, reason: str | None) -> None:
        super().__init__(f"The carrier did not sell the label: {reason or 'it names no reason.'}")


class LabelNotVoidable(NotAllowed):
    """The label is not PURCHASED, so there is nothing to void."""

    def __init__(self, status: LabelStatus) -> None:
        super().__init__(f"The label is {status}. Only a PURCHASED label can be voided.", field=("label_id",))


class LabelVoidRefused(DomainError):
    """The carrier did not void the label, which stays PURCHASED."""

    def __init__(self, reason: str | None) -> None:
        super().__init__(
            f"The carrier did not void the label: {reason or 'it names no reason.'}", field=("label_id",)
        )


class TrackingNumberTaken(AlreadyExists):
    """Another label or shipment of the carrier has this tracking number."""

    def __init__(self) -> None:
        super().__init__(
            "Another label or shipment of this carrier has this tracking number. Type that of this parcel.",
            field=("tracking_number",),
        )


class OriginUnknown(NotAllowed):
    """The company has no place from which it ships."""

    def __init__(self) -> None:
        super().__init__("The place from which you ship is not known. Set the tax country of the company.")
