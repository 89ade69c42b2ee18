"""Errors of PayPal's API. No message contains a secret, a token, a header or a body."""


class PayPalUnavailable(ConnectionError):
    """PayPal did not answer, or asked to come back later; the outcome of the request is unknown."""


class PayPalTimeout(TimeoutError):
    """PayPal did not answer in time; the outcome of the request is unknown."""


class PayPalOutcomeUnknown(ConnectionError):
    """PayPal refused a request because of an earlier one under the same reference, whose outcome is unknown."""

    def __init__(self, issue: str) -> None:
        super().__init__(
            f"PayPal has carried out an earlier request for this payment ({issue}). Look the payment up in PayPal's "
            "account by its invoice id, which is our id of the payment."
        )
