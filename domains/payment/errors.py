"""The errors of the payment domain. No message contains a card's number, a security code or a token."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from domains.kernel.errors import Conflict, DomainError, InvalidInput, NotAllowed, NotFound
from domains.kernel.values.money import Money, round_half_up
from domains.payment.models import DeclineReason, PaymentMethod, PaymentStatus


class CardInvalid(InvalidInput):
    """The card's details are not valid."""


class CardNumberRefused(InvalidInput):
    """A number that may be that of a real card was given to this server, which takes test cards alone."""

    def __init__(self, *, field: Sequence[str]) -> None:
        super().__init__(
            "Card numbers are not accepted here, except for the test cards of the MOCK provider. Enter a card in the "
            "form of the payment provider, which answers with a token.",
            field=field,
        )


class CardNotAccepted(NotAllowed):
    """The company's provider does not accept raw card numbers."""

    def __init__(self, provider: str) -> None:
        super().__init__(
            f"The payment provider {provider} does not accept card numbers. Pay with a token of the provider.",
            field=("card",),
        )


class PaymentMethodNotAccepted(DomainError):
    """The company does not offer this payment method to the buyer."""

    def __init__(self, method: PaymentMethod, accepted: Sequence[PaymentMethod], *, is_guest: bool) -> None:
        ways = f"It can be paid by {', '.join(accepted)}." if accepted else "Ask the shop how to pay."
        buyers = " from guests" if is_guest else ""
        super().__init__(f"{method} is not accepted{buyers}. {ways}", field=("method",))


class PaymentDeclined(DomainError):
    """The provider declined the payment; the attempt stays on record.

    `reason` is a DeclineReason, `provider_code` the provider's own code.
    """

    commits = True

    def __init__(
        self,
        reason: DeclineReason | None,
        message: str | None,
        *,
        provider_code: str | None = None,
        field: Sequence[str] = ("card",),
    ) -> None:
        super().__init__(message or "The payment was declined. Try another card.", field=field)
        self.reason = None if reason is None else reason.value
        self.provider_code = provider_code


class PaymentNotFound(NotFound):
    """There is no payment with this id in the company."""

    def __init__(self) -> None:
        super().__init__("There is no payment with this id.", field=("payment_id",))


class WebhookNotFound(NotFound):
    """There is no webhook of a payment provider with this id in the company."""

    def __init__(self) -> None:
        super().__init__("There is no webhook with this id.", field=("webhook_id",))


class RefundNotFound(NotFound):
    """There is no refund with this id in the company."""

    def __init__(self) -> None:
        super().__init__("There is no refund with this id.", field=("refund_id",))


class ProviderNotConfigured(NotAllowed):
    """The provider of a payment is not configured in this installation."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"This payment belongs to the provider {name}, which is not configured here. Configure it and try again.",
            field=("order_id",),
        )
        self.name = name


class ProviderDisabled(NotAllowed):
    """The company's account at the provider takes no new payments."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The shop takes no new payments by {name}. Choose another way to pay, or ask the shop.",
            field=("order_id",),
        )


class ProviderUnavailable(DomainError):
    """The provider does not accept the company's credentials, which buyers are not told. The payment stays open."""

    def __init__(self) -> None:
        super().__init__("The shop's payment provider is not available. Try again later, or ask the shop.")


class ProviderNotConnected(NotAllowed):
    """New payments were to be taken by a provider at which the company has no enabled account."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The company is not connected to {name}, or its account there is not enabled. Give the account's "
            "`credentials` in the settings of payment providers, with `is_enabled` true, and then choose it.",
            field=("payment_provider",),
        )


class ProviderInUse(NotAllowed):
    """The account by which the company takes new payments was to be disabled."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"New payments are taken by {name}: without it nobody could pay. Choose another `payment_provider` in "
            "the company's settings first.",
            field=("is_enabled",),
        )


class ProviderNotOffered(NotAllowed):
    """The company takes no payments by the provider that a buyer chose."""

    def __init__(self) -> None:
        super().__init__(
            "The shop takes no payments by this provider. Choose another one, or ask the shop.", field=("provider",)
        )


class MethodNotKept(NotAllowed):
    """A payment method is kept only for the customer who pays their own order."""

    def __init__(self) -> None:
        super().__init__(
            "A payment method can be saved only by the customer whose order it is. Log in, or pay without saving it.",
            field=("save_method",),
        )


class ProviderUnknown(InvalidInput):
    """No provider of this name is installed."""

    def __init__(self, name: str, names: Sequence[str], *, field: str = "payment_provider") -> None:
        known = f"Choose one of: {', '.join(names)}." if names else "None is installed here that has accounts."
        super().__init__(f"There is no payment provider {name!r}. {known}", field=(field,))


class CredentialUnknown(InvalidInput):
    """A provider has no credential of this name."""

    def __init__(self, name: str, names: Sequence[str]) -> None:
        super().__init__(
            f"The provider has no credential {name!r}. It has: {', '.join(names)}.", field=("credentials", name)
        )


class ProviderUnanswered(DomainError):
    """The payment provider did not answer, and nothing was changed here."""

    def __init__(self) -> None:
        super().__init__("The payment provider did not answer. Try again in a moment.")


class SavedMethodNotFound(NotFound):
    """The actor has no saved payment method with this id."""

    def __init__(self, method_id: UUID, *, field: Sequence[str] = ("id",)) -> None:
        super().__init__(f"You have no saved payment method {method_id}.", field=field)


class SavedMethodExpired(NotAllowed):
    """The saved card has expired."""

    def __init__(self, *, field: Sequence[str] = ("saved_method_id",)) -> None:
        super().__init__("This card has expired. Choose another payment method, or save the new card.", field=field)


class TooManySavedMethods(DomainError):
    """The customer has as many saved payment methods as are allowed."""

    def __init__(self, maximum: int) -> None:
        super().__init__(f"You can save at most {maximum} payment methods. Delete one first.")


class SetupNotFound(NotFound):
    """There is no payment method to be saved under this id, or its time is over."""

    def __init__(self) -> None:
        super().__init__(
            "There is no payment method to save under this id, or its time is over. Begin again.", field=("setup_id",)
        )


class PaymentNotRefundable(NotAllowed):
    """The payment captured nothing, or it is being cancelled."""

    def __init__(self) -> None:
        super().__init__(
            "This payment has no captured amount to refund. Only a payment that succeeded and is not being cancelled "
            "can be refunded.",
            field=("payment_id",),
        )


class PaymentNotCancellable(NotAllowed):
    """A part of the payment was refunded, so it cannot be cancelled as a whole."""

    def __init__(self) -> None:
        super().__init__("A part of this payment was refunded already. Refund the rest.", field=("payment_id",))


class PaymentNotCapturable(NotAllowed):
    """The payment is not authorized, was captured already, or is being cancelled."""

    def __init__(self, status: PaymentStatus) -> None:
        states = {PaymentStatus.SUCCEEDED: "captured already", PaymentStatus.AUTHORIZED: "being cancelled"}
        state = states.get(status, status.value)
        super().__init__(
            f"This payment is {state}. Only an authorized payment that is not being cancelled can be captured, once.",
            field=("payment_id",),
        )


class CaptureRequested(NotAllowed):
    """The capture of another amount was requested before, or any capture of a payment that is to be voided."""

    def __init__(self, amount: Decimal, currency: str) -> None:
        exact = round_half_up(amount, currency)
        super().__init__(
            f"The capture of {exact:f} {currency} was requested before. Wait for its outcome; a refund returns what "
            "is too much.",
            field=("payment_id",),
        )


class CaptureTooLarge(DomainError):
    """The capture exceeds the authorized amount."""

    def __init__(self, requested: Decimal, authorized: Decimal, currency: str) -> None:
        amount, limit = round_half_up(requested, currency), round_half_up(authorized, currency)
        super().__init__(
            f"{amount:f} {currency} cannot be captured: only {limit:f} {currency} is authorized.", field=("amount",)
        )


class AmountNotTaken(NotAllowed):
    """The payment's provider takes fewer decimals in the currency than the amount has."""

    def __init__(self, currency: str) -> None:
        super().__init__(
            f"The provider of this payment does not take such a fine amount in {currency}. Give one with fewer "
            "decimal places.",
            field=("amount",),
        )


class AuthorizationExpired(NotAllowed):
    """The authorization ended at the provider before the capture: its time was over, or it was cancelled there."""

    commits = True

    def __init__(self) -> None:
        super().__init__(
            "The authorization has ended at the provider, so nothing was captured. The order can be paid again.",
            field=("payment_id",),
        )


class PaymentNotVoidable(NotAllowed):
    """The payment was captured, or took no money."""

    def __init__(self, status: PaymentStatus) -> None:
        advice = "Refund it." if status is PaymentStatus.SUCCEEDED else "There is nothing to void: it took no money."
        super().__init__(
            f"This payment is {status}. Only one that is authorized or in progress can be voided. {advice}",
            field=("payment_id",),
        )


class RefundTooLarge(DomainError):
    """The refund exceeds the captured amount that is left."""

    def __init__(
        self, requested: Decimal, available: Decimal, currency: str, *, field: Sequence[str] = ("amount",)
    ) -> None:
        remaining, amount = round_half_up(available, currency), round_half_up(requested, currency)
        super().__init__(
            f"{amount:f} {currency} cannot be refunded: only {remaining:f} {currency} is left.", field=field
        )
        self.requested = requested
        self.available = available
        self.currency = currency


class PaymentInProgress(Conflict):
    """Another payment of the order is open."""

    def __init__(self) -> None:
        super().__init__(
            "A payment of this order is in progress. Wait for its outcome before paying again.",
            field=("order_id",),
        )


class TooManyPayments(Conflict):
    """So many payments of the order were begun that an open one is not replaced any more."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"{limit} payments of this order were begun. Complete the open one, or wait until it ends in 15 minutes.",
            field=("order_id",),
        )


class AmountMismatch(Exception):
    """The amount at the provider differs from the payment's: a fault to investigate, not an input error."""

    def __init__(self, payment_id: UUID, provider_amount: Money | None) -> None:
        amount = "no amount" if provider_amount is None else f"{provider_amount.amount} {provider_amount.currency}"
        super().__init__(
            f"The provider reports {amount} for payment {payment_id}, which is not the payment's amount. "
            "Compare the payment with the provider's records."
        )


class ProviderCredentialsRefused(Exception):
    """A provider does not accept the credentials of a company's account. For staff: what to do is in the message."""

    def __init__(self, provider: str, advice: str) -> None:
        super().__init__(f"{provider} refuses the credentials of this company. {advice}")
        self.provider = provider


class WebhookSignatureInvalid(Exception):
    """The signature of a webhook is missing, wrong, or older than the tolerance."""


class WebhookMalformed(Exception):
    """The signature of a webhook is right, but its body cannot be read."""
