"""Saving a payment method without paying: approved by its customer, for nobody else, once, whatever is repeated."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.errors import InvalidInput, Unauthenticated
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.text.validation import TooLong
from domains.kernel.values.secret import Secret
from domains.payment.errors import (
    PaymentDeclined,
    ProviderNotOffered,
    ProviderUnanswered,
    SetupNotFound,
    TooManySavedMethods,
)
from domains.payment.models import NextActionType
from domains.payment.providers.registry import Providers
from domains.payment.providers.requests import ProviderCustomer
from domains.payment.providers.results import MethodSetup, ProviderStatus
from domains.payment.saved_methods.models import BegunSetup, FinishedSetup
from domains.payment.saved_methods.saved_methods import MAX_METHODS
from domains.payment.saved_methods.setups import SETUP_TIME
from gateway.infra.encryption import Cipher
from gateway.providers.mock import declines
from gateway.providers.mock.mock_payments import MockPayments
from tests.domains.payment.saved_methods.wallet import Wallet
from tests.domains.payment.services import payment_service

SECOND = timedelta(seconds=1)


class Answering(MockPayments):
    """A provider with a given answer to setups; it remembers the customers."""

    def __init__(self, pool: Any, clock: FixedClock, answer: MethodSetup | Exception) -> None:
        super().__init__(pool, clock, Secret("a webhook secret"))
        self.answer = answer
        self.customers: list[ProviderCustomer] = []

    async def begin_setup(self, reference: UUID, customer: ProviderCustomer, return_url: str | None) -> MethodSetup:
        self.customers.append(customer)
        return await self.finish_setup(f"{reference}{return_url}")

    async def finish_setup(self, provider_id: str) -> MethodSetup:
        del provider_id
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def begin(wallet: Wallet, **given: Any) -> BegunSetup:
    return await wallet.payments.method_setups.begin(wallet.database, wallet.actor, **given)


async def finish(wallet: Wallet, setup_id: str) -> FinishedSetup:
    return await wallet.payments.method_setups.finish(wallet.database, wallet.actor, setup_id)


async def approve(provider: MockPayments, setup: BegunSetup) -> None:
    assert setup.next_action is not None
    assert setup.next_action.url is not None
    await provider.complete_setup(UUID(setup.next_action.url.rpartition("/")[2]))


def with_answer(wallet: Wallet, pool: Any, clock: FixedClock, answer: MethodSetup | Exception) -> Answering:
    provider = Answering(pool, clock, answer)
    encryption = Cipher([b"1" * 32], b"payment accounts")
    wallet.payments = payment_service(Providers(provider, encryption=encryption), clock)
    return provider


async def test_a_method_is_saved_once_its_customer_has_approved(ada: Wallet, provider: MockPayments) -> None:
    begun = await begin(ada, return_url="https://shop.example/saved")
    assert begun.provider == "MOCK"
    assert begun.next_action is not None
    assert begun.next_action.type is NextActionType.REDIRECT
    waiting = await finish(ada, begun.id)
    assert waiting == FinishedSetup(next_action=begun.next_action)
    assert await ada.methods() == []
    await approve(provider, begun)
    finished = await finish(ada, begun.id)
    assert finished.method is not None
    assert await ada.methods() == [finished.method]
    assert (finished.method.is_default, finished.method.last_4) == (True, "4242")


async def test_finishing_again_and_at_once_saves_one_method(ada: Wallet, provider: MockPayments, owner: Any) -> None:
    begun = await begin(ada)
    await approve(provider, begun)
    finished = await asyncio.gather(*(finish(ada, begun.id) for _ in range(4)))
    assert len({each.method.id for each in finished if each.method}) == 1
    assert len(await ada.rows(owner)) == 1


async def test_a_removed_method_does_not_come_back_by_its_setup(ada: Wallet, provider: MockPayments) -> None:
    begun = await begin(ada)
    await approve(provider, begun)
    method = (await finish(ada, begun.id)).method
    assert method is not None
    await ada.remove(method.id)
    with pytest.raises(SetupNotFound):
        await finish(ada, begun.id)
    assert await ada.methods() == []


async def test_a_setup_is_for_its_customer_alone(
    ada: Wallet, bob: Wallet, provider: MockPayments, other_company: UUID
) -> None:
    begun = await begin(ada)
    await approve(provider, begun)
    elsewhere = Wallet(ada.database, replace(ada.actor, company_id=other_company), ada.payments)
    for other in (bob, elsewhere):
        with pytest.raises(SetupNotFound):
            await finish(other, begun.id)
    assert await bob.methods() == []
    assert (await finish(ada, begun.id)).method is not None


async def test_a_setup_ends_after_an_hour(ada: Wallet, provider: MockPayments, clock: FixedClock) -> None:
    begun = await begin(ada)
    await approve(provider, begun)
    clock.advance(SETUP_TIME - SECOND)
    assert (await finish(ada, begun.id)).method is not None
    clock.advance(SECOND)
    with pytest.raises(SetupNotFound):
        await finish(ada, begun.id)


@pytest.mark.parametrize("text", ["", "mock_seti_1", "gAAAAABm", "\ud800", "é", "x" * 5_000])
async def test_another_text_is_no_setup(ada: Wallet, text: str) -> None:
    with pytest.raises(SetupNotFound):
        await finish(ada, text)


async def test_what_else_is_encrypted_is_no_setup(ada: Wallet, owner: Any) -> None:
    await ada.save()
    (row,) = await ada.rows(owner)
    encryption = Cipher([b"1" * 32], b"payment accounts")
    for text in (row["encrypted_token"], encryption.encrypt(b'["a","b","c","d","e","f"]').decode()):
        with pytest.raises(SetupNotFound):
            await finish(ada, text)


async def test_the_provider_knows_the_customer_again(ada: Wallet, pool: Any, clock: FixedClock) -> None:
    action = MethodSetup(ProviderStatus.REQUIRES_ACTION, "seti_1")
    provider = with_answer(ada, pool, clock, action)
    await begin(ada)
    await ada.save()
    await begin(ada)
    assert provider.customers == [ProviderCustomer(ada.user_id), ProviderCustomer(ada.user_id, "cus_1")]


async def test_a_refusal_is_told_and_nothing_is_saved(ada: Wallet, pool: Any, clock: FixedClock) -> None:
    provider = with_answer(ada, pool, clock, MethodSetup(ProviderStatus.FAILED, "seti_1", decline=declines.UNKNOWN))
    with pytest.raises(PaymentDeclined, match=declines.UNKNOWN.message) as error:
        await begin(ada)
    assert (error.value.provider_code, error.value.field) == (declines.UNKNOWN.code, ())
    provider.answer = MethodSetup(ProviderStatus.FAILED)
    with pytest.raises(PaymentDeclined):
        await begin(ada)


@pytest.mark.parametrize("failure", [TimeoutError(), ConnectionError("down")])
async def test_a_provider_that_does_not_answer_is_told(
    ada: Wallet, pool: Any, clock: FixedClock, failure: Exception
) -> None:
    provider = with_answer(ada, pool, clock, MethodSetup(ProviderStatus.REQUIRES_ACTION, "seti_1"))
    begun = await begin(ada)
    provider.answer = failure
    for attempt in (begin(ada), finish(ada, begun.id)):
        with pytest.raises(ProviderUnanswered):
            await attempt
    provider.answer = MethodSetup(ProviderStatus.REQUIRES_ACTION)
    with pytest.raises(ProviderUnanswered):
        await begin(ada)


async def test_a_cancelled_setup_is_begun_again(ada: Wallet, pool: Any, clock: FixedClock) -> None:
    provider = with_answer(ada, pool, clock, MethodSetup(ProviderStatus.REQUIRES_ACTION, "seti_1"))
    begun = await begin(ada)
    provider.answer = MethodSetup(ProviderStatus.CANCELLED, "seti_1")
    with pytest.raises(SetupNotFound):
        await finish(ada, begun.id)


async def test_a_full_list_is_told_before_and_after(ada: Wallet, provider: MockPayments, owner: Any) -> None:
    begun = await begin(ada)
    await approve(provider, begun)
    for number in range(MAX_METHODS):
        await ada.save(f"pm_{number}")
    with pytest.raises(TooManySavedMethods):
        await begin(ada)
    with pytest.raises(TooManySavedMethods):
        await finish(ada, begun.id)
    assert (len(await ada.methods()), len(await ada.rows(owner))) == (MAX_METHODS, MAX_METHODS + 1)
    assert await ada.forget() == 1


async def test_a_guest_and_an_unknown_provider_are_refused(ada: Wallet) -> None:
    guest = Wallet(ada.database, Actor.anonymous(ada.actor.company_id), ada.payments)
    with pytest.raises(Unauthenticated):
        await begin(guest)
    with pytest.raises(Unauthenticated):
        await finish(guest, (await begin(ada)).id)
    with pytest.raises(ProviderNotOffered):
        await begin(ada, provider="NOWHERE")


@pytest.mark.parametrize("url", ["http://shop.example/", "javascript:alert(1)", "shop", "https://" + "a" * 1_000])
async def test_a_return_url_is_a_page_of_the_web(ada: Wallet, url: str) -> None:
    with pytest.raises((InvalidInput, TooLong)) as error:
        await begin(ada, return_url=url)
    assert error.value.field == ("return_url",)


async def test_statements(ada: Wallet, provider: MockPayments) -> None:
    await begin(ada)
    with counting() as beginning:
        begun = await begin(ada)
    await approve(provider, begun)
    with counting() as finishing:
        await finish(ada, begun.id)
    assert (beginning.data, finishing.data) == (2, 4)
