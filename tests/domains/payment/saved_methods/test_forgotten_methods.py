"""Removed methods are deleted at the provider and then here, whatever fails in between, and never charged again."""

import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.ids import new_id
from domains.kernel.values.money import Money
from domains.kernel.values.secret import Secret
from domains.payment.errors import ProviderNotConfigured, SavedMethodNotFound
from domains.payment.invariants import INVARIANTS
from domains.payment.providers.registry import Providers
from domains.payment.providers.requests import AuthorizationRequest, MethodToken, ProviderCustomer
from domains.payment.providers.results import KeptMethod, ProviderStatus
from domains.payment.saved_methods.forgotten_methods import RETRY_AFTER
from gateway.infra.encryption import Cipher
from gateway.providers.mock.mock_payments import MockPayments, setup_id
from tests.domains.payment.saved_methods.wallet import Wallet, kept
from tests.domains.payment.services import payment_service

PRICE = Money(Decimal("5.00"), "EUR")


class Failing(MockPayments):
    """A provider that deletes and does not answer, or does neither, while `fails` is set."""

    def __init__(self, pool: Any, clock: FixedClock) -> None:
        super().__init__(pool, clock, Secret("a webhook secret"))
        self.fails: type[BaseException] | None = None
        self.deletes = True
        self.forgotten: list[str] = []

    async def forget_method(self, token: Secret) -> None:
        if self.deletes:
            self.forgotten.append(token.reveal())
            await super().forget_method(token)
        if self.fails is not None:
            raise self.fails


@pytest.fixture
def failing(ada: Wallet, pool: Any, clock: FixedClock) -> Failing:
    """The provider of a customer's methods."""
    provider = Failing(pool, clock)
    encryption = Cipher([b"1" * 32], b"payment accounts")
    ada.payments = payment_service(Providers(provider, encryption=encryption), clock)
    return provider


async def at_provider(provider: MockPayments, user_id: UUID) -> KeptMethod:
    """A method that MOCK keeps."""
    reference = new_id()
    await provider.begin_setup(reference, ProviderCustomer(user_id), None)
    await provider.complete_setup(reference)
    method = (await provider.finish_setup(setup_id(reference))).method
    assert method is not None
    return method


async def charged(provider: MockPayments, method: KeptMethod) -> ProviderStatus:
    """The status of a payment with the token at the provider itself."""
    return (
        await provider.authorize(
            AuthorizationRequest(new_id(), PRICE, MethodToken(method.token, ProviderCustomer(new_id())))
        )
    ).status


async def test_a_removed_method_is_deleted_at_the_provider_and_then_here(
    ada: Wallet, failing: Failing, owner: Any
) -> None:
    method = await at_provider(failing, ada.user_id)
    saved, stays = await ada.keep(method), await ada.save("pm_stays")
    assert saved is not None
    assert await charged(failing, method) is ProviderStatus.SUCCEEDED
    assert await ada.forget() == 0
    await ada.remove(saved.id)
    assert failing.forgotten == []
    assert await ada.forget() == 1
    assert failing.forgotten == [method.token.reveal()]
    assert await charged(failing, method) is ProviderStatus.FAILED
    assert [row["id"] for row in await ada.rows(owner)] == [stays.id]
    assert await ada.forget() == 0


@pytest.mark.parametrize("deletes", [True, False])
@pytest.mark.parametrize("failure", [TimeoutError, ConnectionError, RuntimeError])
async def test_a_provider_that_fails_is_asked_again_later(
    ada: Wallet, failing: Failing, clock: FixedClock, owner: Any, failure: type[Exception], *, deletes: bool
) -> None:
    failing.fails, failing.deletes = failure, deletes
    first, second = await ada.save("pm_1"), await ada.save("pm_2")
    for method in (first, second):
        await ada.remove(method.id)
    with pytest.raises(ExceptionGroup) as group:
        await ada.forget()
    assert {note for error in group.value.exceptions for note in error.__notes__} == {
        f"payment method {method.id}" for method in (first, second)
    }
    assert await ada.forget() == 0  # not before its time
    assert len(await ada.rows(owner)) == 2
    with pytest.raises(SavedMethodNotFound):
        await ada.choose(first.id)
    failing.fails, failing.deletes = None, True
    clock.advance(RETRY_AFTER)
    assert await ada.forget() == 2
    assert await ada.rows(owner) == []


async def test_a_removal_whose_process_died_is_finished_by_the_next_run(
    ada: Wallet, failing: Failing, clock: FixedClock, owner: Any
) -> None:
    """The provider has deleted it, and the row is still there."""
    saved = await ada.save("pm_1")
    await ada.remove(saved.id)
    failing.fails = asyncio.CancelledError
    with pytest.raises(asyncio.CancelledError):
        await ada.forget()
    failing.fails = None
    assert len(await ada.rows(owner)) == 1
    clock.advance(RETRY_AFTER)
    assert await ada.forget() == 1
    assert (failing.forgotten, await ada.rows(owner)) == (["pm_1", "pm_1"], [])


async def test_two_runs_at_once_ask_the_provider_once(ada: Wallet, failing: Failing) -> None:
    saved = await ada.save("pm_1")
    await ada.remove(saved.id)
    await asyncio.gather(ada.forget(), ada.forget())
    assert failing.forgotten == ["pm_1"]


async def test_a_provider_that_is_gone_does_not_stop_the_others(ada: Wallet, failing: Failing, owner: Any) -> None:
    gone, saved = await ada.keep(kept("pm_gone"), "GONE"), await ada.save("pm_1")
    assert gone is not None
    for method in (gone, saved):
        await ada.remove(method.id)
    with pytest.raises(ExceptionGroup) as group:
        await ada.forget()
    assert [type(error) for error in group.value.exceptions] == [ProviderNotConfigured]
    assert failing.forgotten == ["pm_1"]
    assert [row["id"] for row in await ada.rows(owner)] == [gone.id]


async def test_the_doctor_finds_a_removed_method_that_nothing_deletes(
    ada: Wallet, owner: Any, clock: FixedClock
) -> None:
    (invariant,) = [each for each in INVARIANTS if each.rule.startswith("Removed payment methods")]
    removed = await ada.remove((await ada.save()).id)

    async def found(moment: str) -> bool:
        change = f"update payment_methods set forget_at = {moment} where id = $1"  # noqa: S608 - from this test
        await owner.execute(change, removed.id)
        return removed.id in {row["payment_method"] for row in await owner.fetch(invariant.query)}

    assert await found("now() - interval '2 hours'")
    assert not await found("now()")
    clock.advance(RETRY_AFTER)
    await owner.execute("update payment_methods set forget_at = $2 where id = $1", removed.id, clock.now())
    assert await ada.forget() == 1
