"""What the STRIPE provider asks Stripe: as little as possible, and nothing twice, also without idempotency keys."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from domains.kernel.ids import new_id
from domains.kernel.values.money import Money
from domains.kernel.values.secret import Secret
from domains.payment.cards import CardDetails
from domains.payment.models import CaptureMethod, DeclineReason, NextActionType, RefundStatus, TransactionType
from domains.payment.providers.requests import (
    AuthorizationRequest,
    HostedCheckout,
    MethodToken,
    PaymentReference,
    ProviderCustomer,
    RefundRequest,
)
from domains.payment.providers.results import ProviderStatus
from gateway.providers.stripe.provider import StripeAdapter
from tests.domains.payment.provider_contract import PRICE, known, moved, request
from tests.gateway.providers.stripe.terminal import CREDENTIALS, StripeTerminal

S = ProviderStatus
A_DAY = timedelta(days=1, hours=1)


def asked(terminal: StripeTerminal) -> Sequence[tuple[str, str]]:
    """The requests since this was asked last."""
    requests, terminal.server.requests = terminal.server.requests, []
    return requests


def forget_keys(terminal: StripeTerminal) -> None:
    """Let a day pass, after which Stripe has forgotten all idempotency keys."""
    terminal.clock.advance(A_DAY)
    terminal.server.answers.clear()


def part(amount: str) -> Money:
    return replace(PRICE, amount=Decimal(amount))


async def test_a_payment_is_one_request(terminal: StripeTerminal) -> None:
    asked(terminal)
    paid = await terminal.provider.authorize(request(terminal.approving))
    assert paid.status is S.SUCCEEDED
    assert asked(terminal) == [("POST", "/v1/payment_intents")]


async def test_a_known_payment_is_found_by_one_request_and_an_unknown_id_by_two(terminal: StripeTerminal) -> None:
    paid = request(terminal.approving)
    payment = known(paid, await terminal.provider.authorize(paid))
    asked(terminal)
    assert await terminal.provider.find(payment) is not None
    assert asked(terminal) == [("GET", f"/v1/payment_intents/{payment.provider_id}")]
    assert await terminal.provider.find(PaymentReference(paid.reference)) is not None
    assert asked(terminal) == [
        ("GET", "/v1/payment_intents"),
        ("GET", f"/v1/payment_intents/{payment.provider_id}"),
    ]


async def test_a_card_number_is_never_sent(terminal: StripeTerminal) -> None:
    asked(terminal)
    card = CardDetails(Secret("4242424242424242"), 12, 2030, Secret("123"))
    refused = await terminal.provider.authorize(request(card))
    assert refused.decline is not None
    assert (refused.status, refused.decline.reason) == (S.FAILED, DeclineReason.METHOD_NOT_SUPPORTED)
    assert (asked(terminal), terminal.provider.accepts_cards) == ([], False)


@pytest.mark.parametrize("money", [Money(Decimal(10), "LYD"), Money(Decimal("1.001"), "KWD")])
async def test_an_amount_that_stripe_does_not_take_is_refused_without_a_request(
    terminal: StripeTerminal, money: Money
) -> None:
    asked(terminal)
    refused = await terminal.provider.authorize(AuthorizationRequest(new_id(), money, terminal.approving))
    assert refused.decline is not None
    assert (refused.status, refused.decline.reason) == (S.FAILED, DeclineReason.METHOD_NOT_SUPPORTED)
    assert money.currency in refused.decline.message
    assert asked(terminal) == []


async def test_a_payment_is_not_repeated_after_stripe_forgot_its_key(terminal: StripeTerminal) -> None:
    paid = request(terminal.approving)
    first = await terminal.provider.authorize(paid)
    forget_keys(terminal)
    assert await terminal.provider.authorize(paid) == first
    listed = await terminal.server.call("GET", "/v1/payment_intents", {})
    assert listed["total_count"] == 1


async def test_the_same_payment_with_other_parameters_is_looked_up(terminal: StripeTerminal) -> None:
    paid = request(terminal.approving)
    first = await terminal.provider.authorize(paid)
    assert await terminal.provider.authorize(replace(paid, return_url="https://shop.example/other")) == first


async def test_a_charge_whose_answer_was_lost_is_found(terminal: StripeTerminal) -> None:
    paid = request(terminal.approving)
    terminal.server.lose_answer("POST", "/v1/payment_intents")
    with pytest.raises(ConnectionError):
        await terminal.provider.authorize(paid)
    found = await terminal.provider.find(PaymentReference(paid.reference))
    assert found is not None
    assert (found.status, found.amount) == (S.SUCCEEDED, PRICE)
    assert await terminal.provider.authorize(paid) == found


async def test_a_closed_reference_stays_closed_after_stripe_forgot_its_key(terminal: StripeTerminal) -> None:
    paid = request(terminal.approving)
    closed = await terminal.provider.cancel(PaymentReference(paid.reference, amount=PRICE))
    assert (closed.status, closed.amount) == (S.CANCELLED, None)
    forget_keys(terminal)
    late = await terminal.provider.authorize(paid)
    assert (late.status, late.provider_id) == (S.CANCELLED, closed.provider_id)
    assert moved(late) == []


@pytest.mark.parametrize(
    "amount", [None, Money(Decimal(5), "LYD"), Money(Decimal("1.111"), "KWD"), Money(Decimal(500), "JPY")]
)
async def test_a_reference_is_closed_whatever_its_amount(terminal: StripeTerminal, amount: Money | None) -> None:
    assert (await terminal.provider.cancel(PaymentReference(new_id(), amount=amount))).status is S.CANCELLED


async def test_a_payment_of_another_reference_is_not_found_by_its_id(terminal: StripeTerminal) -> None:
    paid = request(terminal.approving)
    foreign = PaymentReference(new_id(), (await terminal.provider.authorize(paid)).provider_id)
    assert await terminal.provider.find(foreign) is None
    refund = await terminal.provider.refund(RefundRequest(new_id(), foreign, part("1")))
    assert refund.status is RefundStatus.FAILED
    assert (await terminal.provider.capture(foreign, PRICE)).status is S.FAILED


async def test_a_payment_without_a_page_to_return_to_is_confirmed_in_the_browser(terminal: StripeTerminal) -> None:
    waiting = await terminal.provider.authorize(replace(request(terminal.authenticating), return_url=None))
    assert waiting.next_action is not None
    assert (waiting.next_action.type, waiting.next_action.url) == (NextActionType.CONFIRMATION, None)
    assert waiting.next_action.client_secret is not None
    assert waiting.next_action.client_secret.reveal().startswith(f"{waiting.provider_id}_secret_")


async def test_a_declined_payment_cannot_be_paid_later_with_its_client_secret(terminal: StripeTerminal) -> None:
    paid = request(terminal.declining)
    declined = await terminal.provider.authorize(paid)
    assert (declined.status, declined.decline and declined.decline.code) == (S.FAILED, "generic_decline")
    assert (await terminal.intent(paid.reference))["status"] == "canceled"
    assert await terminal.provider.authorize(paid) == declined


async def test_a_buyer_may_try_several_cards_in_the_form_of_stripe(terminal: StripeTerminal) -> None:
    hosted = request(HostedCheckout())
    waiting = await terminal.provider.authorize(hosted)
    await terminal.complete_action(hosted.reference, succeeds=False)
    assert await terminal.provider.find(known(hosted, waiting)) == waiting
    await terminal.complete_action(hosted.reference, succeeds=True)
    paid = await terminal.provider.find(known(hosted, waiting))
    assert paid is not None
    assert paid.status is S.SUCCEEDED


async def test_a_cancelled_checkout_can_no_longer_be_paid(terminal: StripeTerminal) -> None:
    hosted = request(HostedCheckout())
    waiting = await terminal.provider.authorize(hosted)
    assert (await terminal.provider.cancel(known(hosted, waiting))).status is S.CANCELLED
    await terminal.complete_action(hosted.reference, succeeds=True)
    assert moved(await terminal.provider.find(known(hosted, waiting))) == []


async def test_a_cancelled_authorization_is_a_void(terminal: StripeTerminal) -> None:
    held = request(terminal.approving, CaptureMethod.MANUAL)
    payment = known(held, await terminal.provider.authorize(held))
    cancelled = await terminal.provider.cancel(payment)
    assert [each.type for each in cancelled.transactions] == [TransactionType.AUTHORIZATION, TransactionType.VOID]
    assert await terminal.provider.find(payment) == cancelled


async def test_an_authorization_says_until_when_it_can_be_captured(terminal: StripeTerminal) -> None:
    held = await terminal.provider.authorize(request(terminal.approving, CaptureMethod.MANUAL))
    assert held.authorized_until == held.transactions[0].occurred_at + timedelta(days=7)


async def test_a_cancelled_charge_is_refunded_once_also_without_the_first_answer(terminal: StripeTerminal) -> None:
    paid = request(terminal.approving)
    payment = known(paid, await terminal.provider.authorize(paid))
    terminal.server.lose_answer("POST", "/v1/refunds")
    with pytest.raises(ConnectionError):
        await terminal.provider.cancel(payment)
    forget_keys(terminal)
    cancelled = await terminal.provider.cancel(payment)
    assert cancelled.status is S.CANCELLED
    assert [(each.type, each.amount.amount) for each in cancelled.transactions] == [
        (TransactionType.CHARGE, PRICE.amount),
        (TransactionType.REFUND, PRICE.amount),
    ]


async def test_a_capture_without_an_answer_is_not_repeated(terminal: StripeTerminal) -> None:
    held = request(terminal.approving, CaptureMethod.MANUAL)
    payment = known(held, await terminal.provider.authorize(held))
    terminal.server.lose_answer("POST", f"/v1/payment_intents/{payment.provider_id}/capture")
    with pytest.raises(ConnectionError):
        await terminal.provider.capture(payment, part("4.90"))
    forget_keys(terminal)
    captured = await terminal.provider.capture(payment, part("4.90"))
    assert (captured.status, captured.amount) == (S.SUCCEEDED, part("4.90"))


async def test_a_refund_is_not_repeated_after_stripe_forgot_its_key(terminal: StripeTerminal) -> None:
    paid = request(terminal.approving)
    payment = known(paid, await terminal.provider.authorize(paid))
    refund = RefundRequest(new_id(), payment, part("5"))
    first = await terminal.provider.refund(refund)
    forget_keys(terminal)
    assert await terminal.provider.refund(refund) == first
    assert [each.amount.amount for each in (await terminal.provider.confirm(payment)).transactions[1:]] == [5]


async def test_one_refund_sent_five_times_in_parallel_is_carried_out_once(terminal: StripeTerminal) -> None:
    paid = request(terminal.approving)
    payment = known(paid, await terminal.provider.authorize(paid))
    refund = RefundRequest(new_id(), payment, part("3"))
    results = await asyncio.gather(*(terminal.provider.refund(refund) for _ in range(5)))
    assert {(each.status, each.provider_id) for each in results} == {(RefundStatus.SUCCEEDED, results[0].provider_id)}
    assert [each.amount.amount for each in (await terminal.provider.confirm(payment)).transactions[1:]] == [3]


async def test_a_description_is_sent_to_stripe_at_most_127_characters_long(terminal: StripeTerminal) -> None:
    await terminal.provider.authorize(replace(request(terminal.approving), description="Order 7 " + "x" * 200))
    assert f"description=Order+7+{'x' * 119}&".encode() in terminal.server.bodies[-1] + b"&"


async def test_more_than_ten_refunds_are_all_found(terminal: StripeTerminal) -> None:
    paid = request(terminal.approving)
    payment = known(paid, await terminal.provider.authorize(paid))
    ids = [new_id() for _ in range(12)]
    for each in ids:
        refunded = await terminal.provider.refund(RefundRequest(each, payment, part("1")))
        assert refunded.status is RefundStatus.SUCCEEDED
    found = await terminal.provider.confirm(payment)
    assert {each.reference for each in found.transactions[1:]} == set(ids)
    too_much = await terminal.provider.refund(RefundRequest(new_id(), payment, part("7.91")))
    assert too_much.decline is not None
    assert (too_much.status, too_much.decline.code) == (RefundStatus.FAILED, "REFUND_TOO_LARGE")


async def test_a_disputed_charge_is_not_refunded(terminal: StripeTerminal) -> None:
    paid = request(terminal.approving)
    payment = known(paid, await terminal.provider.authorize(paid))
    await terminal.dispute(paid.reference)
    refused = await terminal.provider.refund(RefundRequest(new_id(), payment, part("1")))
    assert refused.decline is not None
    assert (refused.status, refused.decline.reason) == (RefundStatus.FAILED, DeclineReason.PROVIDER_ERROR)
    cancelled = await terminal.provider.cancel(payment)
    assert (cancelled.status, cancelled.left) == (ProviderStatus.CANCELLED, Decimal(0))


async def test_a_customer_is_created_once(terminal: StripeTerminal) -> None:
    customer = ProviderCustomer(new_id())
    asked(terminal)
    paid = [replace(request(terminal.approving), keep_method_for=customer) for _ in range(2)]
    kept, other = [(await terminal.provider.authorize(each)).method for each in paid]
    assert kept is not None
    assert other is not None
    assert kept.customer_id == other.customer_id
    assert (await terminal.server.call("GET", "/v1/customers", {}))["total_count"] == 1
    again = MethodToken(kept.token, ProviderCustomer(customer.reference, kept.customer_id))
    asked(terminal)
    assert (await terminal.provider.authorize(request(again))).status is S.SUCCEEDED
    assert asked(terminal) == [("POST", "/v1/payment_intents")]


async def test_a_method_of_another_customer_is_refused(terminal: StripeTerminal) -> None:
    paid = replace(request(terminal.approving), keep_method_for=ProviderCustomer(new_id()))
    kept = (await terminal.provider.authorize(paid)).method
    assert kept is not None
    foreign = await terminal.provider.authorize(request(MethodToken(kept.token, ProviderCustomer(new_id()))))
    assert foreign.decline is not None
    assert (foreign.status, foreign.decline.reason) == (S.FAILED, DeclineReason.METHOD_NOT_SUPPORTED)


async def test_an_unknown_method_is_refused_and_forgotten_without_an_error(terminal: StripeTerminal) -> None:
    token = Secret("pm_of_nobody")
    refused = await terminal.provider.authorize(request(MethodToken(token)))
    assert refused.decline is not None
    assert (refused.status, refused.decline.reason) == (S.FAILED, DeclineReason.METHOD_NOT_SUPPORTED)
    asked(terminal)
    await terminal.provider.forget_method(token)
    assert asked(terminal)[0] == ("POST", f"/v1/payment_methods/{token.reveal()}/detach")


async def test_an_unknown_setup_has_failed(terminal: StripeTerminal) -> None:
    assert (await terminal.provider.finish_setup("seti_of_nobody")).status is S.FAILED


async def test_a_repeated_setup_is_the_same_one_as_it_is_now(terminal: StripeTerminal) -> None:
    reference, customer = new_id(), ProviderCustomer(new_id())
    begun = await terminal.provider.begin_setup(reference, customer, None)
    assert await terminal.provider.begin_setup(reference, customer, None) == begun
    await terminal.complete_setup(begun)
    again = await terminal.provider.begin_setup(reference, customer, None)
    assert (again.status, again.provider_id) == (S.SUCCEEDED, begun.provider_id)


async def test_the_oldest_thousand_events_are_found_over_pages(terminal: StripeTerminal) -> None:
    since = terminal.clock.now() - timedelta(minutes=1)
    intent = {"object": "payment_intent", "id": "pi_1", "metadata": {}}
    for number in range(1_100):
        terminal.server.emit("payment_intent.succeeded" if number != 7 else "customer.created", intent)
    ids = [each["id"] for each in terminal.server.events]
    found = await terminal.provider.events_since(since)
    assert [each.id for each in found] == [*ids[:7], *ids[8:1_001]]


async def test_all_accounts_share_connections_which_the_adapter_closes(terminal: StripeTerminal) -> None:
    adapter = StripeAdapter(terminal.clock, terminal.server.url)
    await adapter.close()
    http = adapter.load()
    one, other = adapter.connect(CREDENTIALS), adapter.connect(CREDENTIALS)
    paid = request(terminal.approving)
    payment = known(paid, await one.authorize(paid))
    assert await other.find(payment) == await terminal.provider.find(payment)
    assert adapter.load() is http
    await adapter.close()
    assert http._client.is_closed
