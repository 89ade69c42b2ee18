"""The page of the MOCK provider where a buyer completes a next action, in place of a bank's."""

from typing import Final
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from domains.payment.provider import PaymentReference, ProviderPayment, ProviderStatus
from gateway.providers.payment_mock import PAGE, MockPayments

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
TEXTS: Final = {
    ProviderStatus.REQUIRES_ACTION: "No money moves here. Choose the outcome of this payment.",
    ProviderStatus.AUTHORIZED: "The payment was approved. Return to the shop.",
    ProviderStatus.SUCCEEDED: "The payment was approved. Return to the shop.",
    ProviderStatus.FAILED: "The payment was declined. Return to the shop.",
    ProviderStatus.CANCELLED: "The payment was cancelled. Return to the shop.",
}


class MockPaymentPage:
    """`/payments/mock/{reference}`: shows a payment and takes its outcome from any visitor with the address."""

    def __init__(self, provider: MockPayments) -> None:
        self._provider = provider

    def routes(self) -> list[Route]:
        """The routes, for `create_app`."""
        path = f"{PAGE}/{{reference:uuid}}"
        return [Route(path, self.show, methods=["GET"]), Route(path, self.complete, methods=["POST"])]

    async def show(self, request: Request) -> Response:
        """The payment's status, with both outcomes to choose while it waits for one; 404 for an unknown one."""
        payment = _require(await self._provider.find(PaymentReference(_reference(request))))
        forms = FORMS if payment.status is ProviderStatus.REQUIRES_ACTION else ""
        page = HTML.format(text=TEXTS[payment.status], forms=forms)
        return HTMLResponse(page, headers={"content-security-policy": POLICY, "cache-control": "no-store"})

    async def complete(self, request: Request) -> Response:
        """Complete the action with `?outcome=approve` or `decline`, then show the payment."""
        outcome = request.query_params.get("outcome", "")
        if outcome not in OUTCOMES:
            raise HTTPException(400, "The outcome is `approve` or `decline`.")
        _require(await self._provider.complete_action(_reference(request), succeeds=OUTCOMES[outcome]))
        return RedirectResponse(f"{PAGE}/{_reference(request)}", status_code=303)


def _reference(request: Request) -> UUID:
    reference: UUID = request.path_params["reference"]
    return reference


def _require(payment: ProviderPayment | None) -> ProviderPayment:
    if payment is None:
        raise HTTPException(404, "There is no payment with this reference.")
    return payment
