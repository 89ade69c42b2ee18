"""Errors of PayPal's API. No message contains a secret, a token, a header or a body."""

from collections.abc import Sequence


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


class PayPalCredentialsRefused(Exception):
    """PayPal does not accept a company's credentials, or does not let them do what was asked."""

    def __init__(self, environment: str, issues: Sequence[str] = ()) -> None:
        named = f" ({', '.join(issues)})" if issues else ""
        super().__init__(
            f"PayPal refused the credentials of this company in the environment {environment}{named}. Compare "
            "`client_id`, `client_secret` and `environment` with the app in PayPal's developer dashboard, and enable "
            "the features that the app needs."
        )
