"""The page of the MOCK provider where a buyer completes a next action, in place of a bank's."""

from typing import Final
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from domains.payment.providers.requests import PaymentReference
from domains.payment.providers.results import ProviderPayment, ProviderStatus
from gateway.providers.mock.mock_payments import MockPayments, setup_id
from gateway.providers.mock.records import PAGE

OUTCOMES: Final = {"approve": True, "decline": False}
POLICY: Final = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
HTML: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>MOCK payment</title>
<h1>MOCK payment</h1>
<p>{text}</p>
{forms}
</html>
"""
FORMS: Final = """<form method="post" action="?outcome=approve"><button>Approve the payment</button></form>
<form method="post" action="?outcome=decline"><button>Decline the payment</button></form>"""
SAVE_FORM: Final = """<form method="post"><button>Save the card</button></form>"""
TO_SAVE: Final = "The test card 4242 4242 4242 4242 is saved for later payments."
SAVED: Final = "The card is saved. Return to the shop."
TEXTS: Final = {
    ProviderStatus.REQUIRES_ACTION: "No money moves here. Choose the outcome of this payment.",
    ProviderStatus.AUTHORIZED: "The payment was approved. Return to the shop.",
    ProviderStatus.SUCCEEDED: "The payment was approved. Return to the shop.",
    ProviderStatus.FAILED: "The payment was declined. Return to the shop.",
    ProviderStatus.CANCELLED: "The payment was cancelled. Return to the shop.",
}


class MockPaymentPage:
    """`/payments/mock/{reference}`: shows a payment and takes its outcome from any visitor with the address.

    `/payments/mock/methods/{reference}` does the same for a payment method that a customer saves.
    """

    def __init__(self, provider: MockPayments) -> None:
        self._provider = provider

    def routes(self) -> list[Route]:
        """The routes, for `create_app`."""
        path, methods = f"{PAGE}/{{reference:uuid}}", f"{PAGE}/methods/{{reference:uuid}}"
        return [
            Route(path, self.show, methods=["GET"]),
            Route(path, self.complete, methods=["POST"]),
            Route(methods, self.show_method, methods=["GET"]),
            Route(methods, self.save_method, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The payment's status, with both outcomes to choose while it waits for one; 404 for an unknown one."""
        payment = _require(await self._provider.find(PaymentReference(_reference(request))))
        forms = FORMS if payment.status is ProviderStatus.REQUIRES_ACTION else ""
        return _page(TEXTS[payment.status], forms)

    async def complete(self, request: Request) -> Response:
        """Complete the action with `?outcome=approve` or `decline`, then show the payment."""
        outcome = request.query_params.get("outcome", "")
        if outcome not in OUTCOMES:
            raise HTTPException(400, "The outcome is `approve` or `decline`.")
        _require(await self._provider.complete_action(_reference(request), succeeds=OUTCOMES[outcome]))
        return RedirectResponse(f"{PAGE}/{_reference(request)}", status_code=303)

    async def show_method(self, request: Request) -> Response:
        """Whether a payment method was saved, with the button that saves it; 404 for an unknown one."""
        setup = await self._provider.finish_setup(setup_id(_reference(request)))
        if setup.status is ProviderStatus.FAILED:
            raise HTTPException(404, "There is no payment method with this reference.")
        is_saved = setup.status is ProviderStatus.SUCCEEDED
        return _page(SAVED if is_saved else TO_SAVE, "" if is_saved else SAVE_FORM)

    async def save_method(self, request: Request) -> Response:
        """Save the payment method, then show it."""
        await self._provider.complete_setup(_reference(request))
        return RedirectResponse(f"{PAGE}/methods/{_reference(request)}", status_code=303)


def _page(text: str, forms: str) -> HTMLResponse:
    page = HTML.format(text=text, forms=forms)
    return HTMLResponse(page, headers={"content-security-policy": POLICY, "cache-control": "no-store"})


def _reference(request: Request) -> UUID:
    reference: UUID = request.path_params["reference"]
    return reference


def _require(payment: ProviderPayment | None) -> ProviderPayment:
    if payment is None:
        raise HTTPException(404, "There is no payment with this reference.")
    return payment
