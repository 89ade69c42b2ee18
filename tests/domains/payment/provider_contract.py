"""The contract of payment providers: what every adapter of the port must do.

A test module of an adapter subclasses `ProviderContract` and gives a `terminal` fixture.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Protocol
from uuid import UUID

import pytest

from domains.kernel.ids import new_id
from domains.kernel.values.money import Money
from domains.payment.errors import WebhookMalformed, WebhookSignatureInvalid
from domains.payment.models import (
    CaptureMethod,
    DeclineReason,
    NextActionType,
    RefundStatus,
    TransactionStatus,
    TransactionType,
)
from domains.payment.providers.provider import PaymentProvider
from domains.payment.providers.requests import (
    AuthorizationRequest,
    HostedCheckout,
    MethodToken,
    PaymentInstrument,
    PaymentReference,
    ProviderCustomer,
    RefundRequest,
)
from domains.payment.providers.results import (
    MethodSetup,
    ProviderPayment,
    ProviderStatus,
)

PRICE = Money(Decimal("19.90"), "EUR")
S = ProviderStatus
T = TransactionType
DONE = TransactionStatus.SUCCEEDED


class Terminal(Protocol):
    """An adapter under test, and the buyer and the clock of its provider's test mode."""

    provider: PaymentProvider
    approving: PaymentInstrument
    declining: PaymentInstrument
    authenticating: PaymentInstrument

    async def complete_setup(self, setup: MethodSetup) -> None:
        """Complete the saving of a payment method, as the customer does."""

    async def dispute(self, reference: UUID) -> None:
        """Dispute the whole captured amount of a payment, and win the dispute, as the buyer does with the bank."""

    async def complete_action(self, reference: UUID, *, succeeds: bool) -> None:
        """Complete the next action of a payment, as its buyer does on the provider's page."""

    async def webhook(self, reference: UUID) -> tuple[bytes, dict[str, str]]:
        """The body and the headers that the provider sends about a payment."""

    def signed(self, body: bytes) -> Mapping[str, str]:
        """The headers of any body, signed by the provider."""

    def forged(self, headers: Mapping[str, str]) -> Sequence[Mapping[str, str]]:
        """The headers of a webhook with another signature, with another time, and with what else forges it."""

    def wait(self, seconds: int) -> None:
        """Let time pass."""


def forged_hmac(headers: Mapping[str, str]) -> list[dict[str, str]]:
    """Another signature and another time in a header of the form `t=<seconds>,v1=<hex>`."""
    return [
        {name: value.replace(mark, f"{mark}{digit}") for name, value in headers.items()}
        for mark, digit in (("v1=", "0"), ("t=", "1"))
    ]


def request(
    instrument: PaymentInstrument, capture_method: CaptureMethod = CaptureMethod.AUTOMATIC
) -> AuthorizationRequest:
    return AuthorizationRequest(new_id(), PRICE, instrument, capture_method, return_url="https://shop.example/paid")


def known(asked: AuthorizationRequest, result: ProviderPayment) -> PaymentReference:
    return PaymentReference(asked.reference, result.provider_id, asked.amount)


def moved(result: ProviderPayment | None) -> list[tuple[TransactionType, TransactionStatus, Decimal]]:
    """The transactions of a payment, which must have one currency and different ids of each type."""
    assert result is not None
    transactions = result.transactions
    assert {each.amount.currency for each in transactions} <= {PRICE.currency}
    assert len({(each.type, each.id) for each in transactions}) == len(transactions)
    return [(each.type, each.status, each.amount.amount) for each in transactions]


class ProviderContract:
    """Requests that move money are made twice wherever it matters: a repetition must not move any more."""

    async def test_an_automatic_payment_is_captured_immediately_and_once(self, terminal: Terminal) -> None:
        asked = request(terminal.approving)
        first = await terminal.provider.authorize(asked)
        assert (first.status, first.amount, first.next_action, first.decline) == (S.SUCCEEDED, PRICE, None, None)
        assert first.provider_id
        assert await terminal.provider.authorize(asked) == first
        assert await terminal.provider.find(known(asked, first)) == first
        assert await terminal.provider.find(PaymentReference(asked.reference, amount=PRICE)) == first
        assert moved(first) == [(T.CHARGE, DONE, PRICE.amount)]

    async def test_one_payment_sent_ten_times_in_parallel_is_captured_once(self, terminal: Terminal) -> None:
        asked = request(terminal.approving)
        results = await asyncio.gather(*(terminal.provider.authorize(asked) for _ in range(10)))
        assert {result.status for result in results} == {S.SUCCEEDED}
        assert len({result.provider_id for result in results}) == 1

    async def test_a_manual_payment_is_authorized_and_then_captured(self, terminal: Terminal) -> None:
        asked = request(terminal.approving, CaptureMethod.MANUAL)
        authorized = await terminal.provider.authorize(asked)
        assert (authorized.status, authorized.amount) == (S.AUTHORIZED, PRICE)
        assert moved(authorized) == [(T.AUTHORIZATION, DONE, PRICE.amount)]
        captured = await terminal.provider.capture(known(asked, authorized), PRICE)
        assert (captured.status, captured.amount, captured.provider_id) == (
            S.SUCCEEDED,
            PRICE,
            authorized.provider_id,
        )
        assert await terminal.provider.capture(known(asked, authorized), PRICE) == captured
        assert await terminal.provider.find(known(asked, authorized)) == captured
        assert moved(captured) == [(T.AUTHORIZATION, DONE, PRICE.amount), (T.CAPTURE, DONE, PRICE.amount)]

    async def test_a_capture_may_be_below_but_not_above_the_authorized_amount(self, terminal: Terminal) -> None:
        asked = request(terminal.approving, CaptureMethod.MANUAL)
        payment = known(asked, await terminal.provider.authorize(asked))
        for wrong in (replace(PRICE, amount=Decimal("19.91")), replace(PRICE, currency="USD")):
            refused = await terminal.provider.capture(payment, wrong)
            assert (refused.status, refused.decline is None) == (S.FAILED, False)
        less = replace(PRICE, amount=Decimal("4.90"))
        captured = await terminal.provider.capture(payment, less)
        assert (captured.status, captured.amount) == (S.SUCCEEDED, less)
        assert moved(captured) == [(T.AUTHORIZATION, DONE, PRICE.amount), (T.CAPTURE, DONE, less.amount)]
        refund = RefundRequest(new_id(), payment, replace(PRICE, amount=Decimal(5)))
        assert (await terminal.provider.refund(refund)).status is RefundStatus.FAILED

    async def test_a_payment_that_is_not_authorized_cannot_be_captured(self, terminal: Terminal) -> None:
        unknown = await terminal.provider.capture(PaymentReference(new_id(), amount=PRICE), PRICE)
        asked = request(terminal.declining, CaptureMethod.MANUAL)
        payment = known(asked, await terminal.provider.authorize(asked))
        declined = await terminal.provider.capture(payment, PRICE)
        assert (unknown.status, declined.status) == (S.FAILED, S.FAILED)

    @pytest.mark.parametrize("capture_method", CaptureMethod)
    async def test_a_decline_has_a_reason_a_code_and_a_message(
        self, terminal: Terminal, capture_method: CaptureMethod
    ) -> None:
        asked = request(terminal.declining, capture_method)
        result = await terminal.provider.authorize(asked)
        assert (result.status, result.amount, result.next_action) == (S.FAILED, None, None)
        assert result.decline is not None
        assert result.decline.reason is DeclineReason.CARD_DECLINED
        assert result.decline.code
        assert result.decline.message
        assert await terminal.provider.find(known(asked, result)) == result

    @pytest.mark.parametrize(
        ("capture_method", "becomes"),
        [(CaptureMethod.AUTOMATIC, S.SUCCEEDED), (CaptureMethod.MANUAL, S.AUTHORIZED)],
    )
    async def test_a_next_action_is_completed_by_the_buyer(
        self, terminal: Terminal, capture_method: CaptureMethod, becomes: ProviderStatus
    ) -> None:
        asked = request(terminal.authenticating, capture_method)
        waiting = await terminal.provider.authorize(asked)
        assert (waiting.status, waiting.amount) == (S.REQUIRES_ACTION, None)
        assert waiting.next_action is not None
        assert waiting.next_action.type is NextActionType.THREE_D_SECURE
        assert waiting.next_action.url
        assert await terminal.provider.find(known(asked, waiting)) == waiting
        assert moved(waiting) == []
        await terminal.complete_action(asked.reference, succeeds=True)
        found = await terminal.provider.confirm(known(asked, waiting))
        assert (found.status, found.amount, found.next_action) == (becomes, PRICE, None)

    async def test_failed_authentication_takes_no_money(self, terminal: Terminal) -> None:
        asked = request(terminal.authenticating)
        waiting = await terminal.provider.authorize(asked)
        await terminal.complete_action(asked.reference, succeeds=False)
        found = await terminal.provider.find(known(asked, waiting))
        assert found is not None
        assert found.decline is not None
        assert (found.status, found.decline.reason) == (S.FAILED, DeclineReason.AUTHENTICATION_FAILED)

    async def test_a_hosted_checkout_is_completed_by_the_buyer_and_confirmed_once(self, terminal: Terminal) -> None:
        asked = request(HostedCheckout())
        waiting = await terminal.provider.authorize(asked)
        payment = known(asked, waiting)
        assert waiting.status is S.REQUIRES_ACTION
        action = waiting.next_action
        assert action is not None
        assert action.type in {NextActionType.REDIRECT, NextActionType.CONFIRMATION}
        assert (action.url is None, action.client_secret is None) in {(True, False), (False, True)}
        assert (await terminal.provider.confirm(payment)).status is S.REQUIRES_ACTION
        await terminal.complete_action(asked.reference, succeeds=True)
        found = await terminal.provider.find(payment)
        assert found is not None
        assert found.status in {S.APPROVED, S.SUCCEEDED}
        results = await asyncio.gather(*(terminal.provider.confirm(payment) for _ in range(5)))
        assert {result.status for result in results} == {S.SUCCEEDED}
        assert moved(await terminal.provider.find(payment)) == [(T.CHARGE, DONE, PRICE.amount)]

    async def test_an_unknown_payment_cannot_be_confirmed(self, terminal: Terminal) -> None:
        assert (await terminal.provider.confirm(PaymentReference(new_id()))).status is S.FAILED

    @pytest.mark.parametrize("capture_method", CaptureMethod)
    @pytest.mark.parametrize("instrument", ["approving", "authenticating"])
    async def test_a_cancelled_payment_releases_its_amount_and_cannot_be_charged(
        self, terminal: Terminal, capture_method: CaptureMethod, instrument: str
    ) -> None:
        asked = request(getattr(terminal, instrument), capture_method)
        payment = known(asked, await terminal.provider.authorize(asked))
        cancelled = await terminal.provider.cancel(payment)
        assert (cancelled.status, cancelled.amount) == (S.CANCELLED, None)
        assert (await terminal.provider.cancel(payment)).status is S.CANCELLED
        await terminal.complete_action(asked.reference, succeeds=True)
        assert (await terminal.provider.capture(payment, PRICE)).status is S.CANCELLED
        assert (await terminal.provider.authorize(asked)).status is S.CANCELLED
        refund = await terminal.provider.refund(RefundRequest(new_id(), payment, PRICE))
        assert refund.status is RefundStatus.FAILED

    async def test_cancelling_an_unknown_payment_refuses_its_later_arrival(self, terminal: Terminal) -> None:
        asked = request(terminal.approving)
        payment = PaymentReference(asked.reference)
        assert await terminal.provider.find(payment) is None
        assert (await terminal.provider.cancel(payment)).status is S.CANCELLED
        late = await terminal.provider.authorize(asked)
        assert (late.status, late.amount) == (S.CANCELLED, None)

    async def test_a_refund_is_carried_out_once_and_does_not_exceed_the_capture(self, terminal: Terminal) -> None:
        asked = request(terminal.approving)
        payment = known(asked, await terminal.provider.authorize(asked))
        part = RefundRequest(new_id(), payment, replace(PRICE, amount=Decimal(15)))
        first = await terminal.provider.refund(part)
        assert (first.status, first.decline) == (RefundStatus.SUCCEEDED, None)
        assert first.provider_id
        assert await terminal.provider.refund(part) == first
        rest = RefundRequest(new_id(), payment, replace(PRICE, amount=Decimal("4.91")))
        refused = await terminal.provider.refund(rest)
        assert (refused.status, refused.decline is None) == (RefundStatus.FAILED, False)
        foreign = RefundRequest(new_id(), payment, Money(Decimal(1), "USD"))
        assert (await terminal.provider.refund(foreign)).status is RefundStatus.FAILED
        exact = RefundRequest(new_id(), payment, replace(PRICE, amount=Decimal("4.90")))
        assert (await terminal.provider.refund(exact)).status is RefundStatus.SUCCEEDED
        found = await terminal.provider.find(payment)
        assert moved(found)[:1] == [(T.CHARGE, DONE, PRICE.amount)]
        assert found is not None
        refunds = [each for each in found.transactions if each.type is T.REFUND and each.status is DONE]
        assert {(each.reference, each.amount.amount) for each in refunds} == {
            (part.reference, Decimal(15)),
            (exact.reference, Decimal("4.90")),
        }

    async def test_parallel_refunds_do_not_exceed_the_capture(self, terminal: Terminal) -> None:
        asked = request(terminal.approving)
        payment = known(asked, await terminal.provider.authorize(asked))
        six = replace(PRICE, amount=Decimal(6))
        sent = [terminal.provider.refund(RefundRequest(new_id(), payment, six)) for _ in range(10)]
        statuses = [refund.status for refund in await asyncio.gather(*sent)]
        assert statuses.count(RefundStatus.SUCCEEDED) == 3

    @pytest.mark.parametrize("refunded", [Decimal(5), PRICE.amount])
    async def test_a_cancellation_returns_what_was_not_refunded(self, terminal: Terminal, refunded: Decimal) -> None:
        asked = request(terminal.approving)
        payment = known(asked, await terminal.provider.authorize(asked))
        await terminal.provider.refund(RefundRequest(new_id(), payment, replace(PRICE, amount=refunded)))
        for _ in range(2):
            cancelled = await terminal.provider.cancel(payment)
            assert (cancelled.status, cancelled.left) == (S.CANCELLED, Decimal(0))
            returned = [each.amount.amount for each in cancelled.transactions if each.type is T.REFUND]
            assert sum(returned) == PRICE.amount
        found = await terminal.provider.find(payment)
        assert found is not None
        assert found.left == 0

    async def test_a_webhook_names_the_changed_payment(self, terminal: Terminal) -> None:
        asked = request(terminal.approving)
        result = await terminal.provider.authorize(asked)
        body, headers = await terminal.webhook(asked.reference)
        event = await terminal.provider.parse_webhook(body, headers)
        assert event.reference == asked.reference
        assert result.provider_id in event.provider_ids
        assert event.id
        assert event.type
        again = await terminal.provider.parse_webhook(body, {name.upper(): value for name, value in headers.items()})
        assert again == event

    async def test_a_lost_dispute_is_a_chargeback(self, terminal: Terminal) -> None:
        asked = request(terminal.approving)
        payment = known(asked, await terminal.provider.authorize(asked))
        await terminal.dispute(asked.reference)
        assert (T.CHARGEBACK, DONE, PRICE.amount) in moved(await terminal.provider.find(payment))

    async def test_what_was_charged_back_is_not_returned_as_well(self, terminal: Terminal) -> None:
        asked = request(terminal.approving)
        payment = known(asked, await terminal.provider.authorize(asked))
        part = RefundRequest(new_id(), payment, replace(PRICE, amount=Decimal(5)))
        await terminal.provider.refund(part)
        await terminal.dispute(asked.reference)
        late = await terminal.provider.refund(replace(part, reference=new_id()))
        assert (late.status, (await terminal.provider.refund(part)).status) == (
            RefundStatus.FAILED,
            RefundStatus.SUCCEEDED,
        )
        assert (T.CHARGEBACK, DONE, PRICE.amount - 5) in moved(await terminal.provider.find(payment))
        cancelled = await terminal.provider.cancel(payment)
        assert (cancelled.status, cancelled.left) == (S.CANCELLED, Decimal(0))

    async def test_a_method_that_a_customer_saves_pays_without_the_customer_and_can_be_forgotten(
        self, terminal: Terminal
    ) -> None:
        customer = ProviderCustomer(new_id())
        begun = await terminal.provider.begin_setup(new_id(), customer, "https://shop.example/saved")
        assert (begun.status, begun.method, begun.next_action is None) == (S.REQUIRES_ACTION, None, False)
        assert begun.provider_id
        await terminal.complete_setup(begun)
        saved = await terminal.provider.finish_setup(begun.provider_id)
        assert (saved.status, await terminal.provider.finish_setup(begun.provider_id)) == (S.SUCCEEDED, saved)
        method = saved.method
        assert method is not None
        assert (method.last4 is None) != (method.label is None)
        token = MethodToken(method.token, ProviderCustomer(customer.reference, method.customer_id))
        asked = request(token)
        assert (await terminal.provider.authorize(asked)).status is S.SUCCEEDED
        assert (await terminal.provider.authorize(asked)).status is S.SUCCEEDED
        await terminal.provider.forget_method(method.token)
        await terminal.provider.forget_method(method.token)
        assert (await terminal.provider.authorize(request(token))).status is S.FAILED

    async def test_a_method_can_be_kept_when_it_pays(self, terminal: Terminal) -> None:
        customer = ProviderCustomer(new_id())
        asked = replace(request(HostedCheckout()), keep_method_for=customer)
        waiting = await terminal.provider.authorize(asked)
        await terminal.complete_action(asked.reference, succeeds=True)
        paid = await terminal.provider.confirm(known(asked, waiting))
        assert (paid.status, paid.method is None) == (S.SUCCEEDED, False)
        assert paid.method is not None
        again = MethodToken(paid.method.token, ProviderCustomer(customer.reference, paid.method.customer_id))
        assert (await terminal.provider.authorize(request(again))).status is S.SUCCEEDED

    async def test_events_are_found_without_their_webhooks(self, terminal: Terminal) -> None:
        asked = request(terminal.approving)
        await terminal.provider.authorize(asked)
        body, headers = await terminal.webhook(asked.reference)
        event = await terminal.provider.parse_webhook(body, headers)
        since = event.occurred_at - timedelta(seconds=1)
        found = await terminal.provider.events_since(since)
        assert event.id in [each.id for each in found]
        assert [each.occurred_at for each in found] == sorted(each.occurred_at for each in found)
        assert event.id not in [each.id for each in await terminal.provider.events_since(since + timedelta(days=1))]

    async def test_a_webhook_with_another_body_time_or_signature_is_refused(self, terminal: Terminal) -> None:
        asked = request(terminal.approving)
        await terminal.provider.authorize(asked)
        body, headers = await terminal.webhook(asked.reference)
        forged = terminal.forged(headers)
        assert len(forged) >= 2
        for given in ((body + b" ", headers), *((body, each) for each in forged), (body, {})):
            assert given != (body, headers)
            with pytest.raises(WebhookSignatureInvalid):
                await terminal.provider.parse_webhook(*given)

    async def test_a_webhook_is_accepted_for_five_minutes(self, terminal: Terminal) -> None:
        asked = request(terminal.approving)
        await terminal.provider.authorize(asked)
        body, headers = await terminal.webhook(asked.reference)
        terminal.wait(300)
        await terminal.provider.parse_webhook(body, headers)
        terminal.wait(1)
        with pytest.raises(WebhookSignatureInvalid, match="older"):
            await terminal.provider.parse_webhook(body, headers)

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b"\xff", b'{"id": 1, "type": "x", "created": 1}'])
    async def test_a_signed_body_that_cannot_be_parsed_is_malformed(self, terminal: Terminal, body: bytes) -> None:
        with pytest.raises(WebhookMalformed):
            await terminal.provider.parse_webhook(body, terminal.signed(body))
