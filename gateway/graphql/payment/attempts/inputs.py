"""The inputs of payments through a provider."""

from datetime import datetime
from typing import Final
from uuid import UUID

import strawberry

from domains.kernel.errors import InvalidInput
from domains.kernel.text.validation import Required, TooLong
from domains.kernel.values.secret import Secret
from domains.payment.providers.requests import HostedCheckout, MethodToken, PaymentInstrument
from gateway.graphql.order.inputs import KEY, TOKEN
from gateway.graphql.payment.inputs import CardInput

MAX_TOKEN_LENGTH: Final = 500
TOKEN_PATH: Final = ("instrument", "token")


@strawberry.input(one_of=True, description="What is charged. Give exactly one of the fields.")
class PaymentInstrumentInput:
    """Exactly one of the ways to pay through a provider."""

    card: CardInput | None = strawberry.field(
        default=strawberry.UNSET, description="A test card, which only the provider MOCK takes."
    )
    token: Secret | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "A payment method as the provider's library in the browser gives it, to be used once; at most 500 "
            "characters. A card number is refused."
        ),
    )
    hosted: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "True: the buyer chooses how to pay on a page of the provider, or in its form in the browser; see "
            "`Payment.nextAction` and `clientSecret`."
        ),
    )

    saved_method_id: UUID | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "The id of a payment method that you have saved, from `User.savedPaymentMethods`. It is charged at its "
            "own provider."
        ),
    )

    def as_instrument(self, now: datetime) -> PaymentInstrument | None:
        """The domain's instrument; None for a saved method.

        Raises CardInvalid, CardNumberRefused, Required, TooLong, InvalidInput.
        """
        if self.saved_method_id:
            return None
        if self.card:
            return self.card.as_card(now, field=("instrument", "card"))
        if self.token:
            return MethodToken(_require_token(self.token))
        if not self.hosted:
            raise InvalidInput("`hosted` is true, or another field is given.", field=("instrument", "hosted"))
        return HostedCheckout()


def _require_token(token: Secret) -> Secret:
    text = token.reveal().strip()
    if not text:
        raise Required("Give the token of the payment method.", field=TOKEN_PATH)
    if len(text) > MAX_TOKEN_LENGTH:
        raise TooLong(f"A token has at most {MAX_TOKEN_LENGTH} characters.", field=TOKEN_PATH)
    if not text.isascii() or not text.isprintable():
        raise InvalidInput("This is not a token of a payment provider.", field=TOKEN_PATH)
    return Secret(text)


@strawberry.input(description="The order to pay through a provider, and how.")
class PaymentCreateInput:
    """A payment that begins."""

    idempotency_key: str = strawberry.field(description=KEY)
    order_id: UUID = strawberry.field(description="The id of an order that is not paid in full.")
    order_token: str | None = strawberry.field(default=None, description=TOKEN)
    provider: str | None = strawberry.field(
        default=None,
        description=(
            "One of `availablePaymentProviders`; by default the first of them, or that of the saved payment method."
        ),
    )
    instrument: PaymentInstrumentInput = strawberry.field(description="What is charged.")
    return_url: str | None = strawberry.field(
        default=None,
        description=(
            "The page of the shop to which the provider sends the buyer after its own page or the bank's: https, or "
            "http on localhost, at most 1,000 characters, and with an origin that the installation allows. Providers "
            "with a page of their own need it."
        ),
    )
    save_method: bool = strawberry.field(
        default=False,
        description=(
            "Whether the provider keeps the payment method, so that the customer can pay with it again. Only the "
            "customer whose order it is can ask for it. A method that is saved already stays as it is."
        ),
    )


@strawberry.input(description="A payment whose buyer has approved or confirmed it, or has left the provider's page.")
class PaymentConfirmInput:
    """A payment that goes on."""

    payment_id: UUID = strawberry.field(
        description="The id of the attempt, from `paymentCreate` or `Order.payments`."
    )
    order_token: str | None = strawberry.field(default=None, description=TOKEN)
