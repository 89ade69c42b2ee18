"""The errors of the STRIPE provider. None has a key, a token, a client secret or a body in its text."""


class KeyReused(Exception):
    """An idempotency key was used before with other parameters: the object that it made is to be looked up."""

    def __init__(self) -> None:
        super().__init__("Stripe has carried out another request with the same idempotency key.")


class Refused(Exception):
    """Stripe refused a request. `intent_id` is the payment intent that the refusal is about, where it has one."""

    def __init__(
        self,
        code: str,
        *,
        decline_code: str | None = None,
        param: str | None = None,
        intent_id: str | None = None,
    ) -> None:
        super().__init__(f"Stripe refused the request: {code}.")
        self.code = code
        self.decline_code = decline_code
        self.param = param
        self.intent_id = intent_id
