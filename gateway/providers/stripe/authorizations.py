"""The authorization of a payment: the payment intent that a request asks for."""

from typing import TYPE_CHECKING, Final

from domains.payment.models import CaptureMethod
from domains.payment.providers.requests import AuthorizationRequest, MethodToken, ProviderCustomer
from gateway.providers.stripe.amounts import to_units
from gateway.providers.stripe.records import CHECKOUT, HOSTED, REFERENCE

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams

MAX_DESCRIPTION: Final = 127


def customer_of(request: AuthorizationRequest) -> ProviderCustomer | None:
    """The customer for whom the method is kept, or is to be kept."""
    if request.keep_method_for is not None:
        return request.keep_method_for
    return request.instrument.customer if isinstance(request.instrument, MethodToken) else None


def intent_params(request: AuthorizationRequest, customer_id: str | None) -> "PaymentIntentCreateParams":
    """The intent of a request with a token, which is confirmed at once, or of a hosted checkout.

    The buyer is present at a checkout, also when a kept method is charged: Stripe may ask for an authentication,
    and leads to `return_url` afterwards. Without an address, methods that redirect are left out. Raises
    AmountNotTaken.
    """
    params: PaymentIntentCreateParams = {
        "amount": to_units(request.amount),
        "currency": request.amount.currency.lower(),
        "capture_method": "manual" if request.capture_method is CaptureMethod.MANUAL else "automatic",
        "metadata": {REFERENCE: str(request.reference)},
        "automatic_payment_methods": {"enabled": True},
    }
    if customer_id is not None:
        params["customer"] = customer_id
    if request.keep_method_for is not None:
        params["setup_future_usage"] = "off_session"
    if request.description:
        params["description"] = request.description[:MAX_DESCRIPTION]
    if isinstance(request.instrument, MethodToken):
        params["payment_method"] = request.instrument.token.reveal()
        params["confirm"] = True
        if request.return_url is not None:
            params["return_url"] = request.return_url
        else:
            params["automatic_payment_methods"] = {"enabled": True, "allow_redirects": "never"}
    else:
        params["metadata"] = {REFERENCE: str(request.reference), CHECKOUT: HOSTED}
    return params
