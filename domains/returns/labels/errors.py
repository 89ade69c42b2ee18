"""The errors of labels of returns."""

from domains.kernel.errors import NotAllowed


class ReturnLabelExists(NotAllowed):
    """The return has a label that was bought, or whose carrier has not answered yet."""

    def __init__(self) -> None:
        super().__init__("The return has a label. Void it before you buy another one.", field=("return_request_id",))


class ReturnWithoutAddress(NotAllowed):
    """The order of the return has no shipping address, from which its parcel could come."""

    def __init__(self) -> None:
        super().__init__(
            "The order has no shipping address, so no label can be bought. Agree with the buyer how the goods come.",
            field=("return_request_id",),
        )
