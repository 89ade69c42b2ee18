"""Saved payment methods: saved once, at most 20, one default, the customer's own, and never with their token."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from domains.auth.policy import require_user_id
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.errors import InvalidInput, Unauthenticated
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.ports import DecryptionFailed
from domains.kernel.text.validation import TooLong
from domains.kernel.values.secret import Secret
from domains.payment.errors import ProviderNotConfigured, SavedMethodExpired, SavedMethodNotFound
from domains.payment.models import SavedMethodType
from domains.payment.providers.registry import Providers
from domains.payment.providers.requests import MethodToken, ProviderCustomer
from domains.payment.providers.results import KeptMethod
from domains.payment.saved_methods.saved_methods import MAX_METHODS
from gateway.infra.encryption import Cipher
from gateway.providers.mock.mock_payments import MockPayments
from tests.domains.actors import administrator
from tests.domains.payment.saved_methods.wallet import Wallet, kept
from tests.domains.payment.services import payment_service

TOKEN = "pm_a_secret_token"


async def test_a_kept_card_is_saved_with_its_token_encrypted(ada: Wallet, owner: Any) -> None:
    saved = await ada.save(TOKEN)
    (row,) = await ada.rows(owner)
    assert (saved.brand, saved.last_4, saved.expiry_month, saved.expiry_year) == ("visa", "4242", 12, 2099)
    assert (saved.provider, saved.type, saved.is_default, saved.is_expired) == (
        "MOCK",
        SavedMethodType.CARD,
        True,
        False,
    )
    assert not [value for value in row.values() if TOKEN in str(value)]
    chosen = await ada.choose(saved.id)
    assert chosen.instrument == MethodToken(Secret(TOKEN), ProviderCustomer(ada.user_id, "cus_1"))
    assert TOKEN not in repr((saved, chosen))


async def test_an_account_is_known_by_its_label(ada: Wallet) -> None:
    paypal = KeptMethod(Secret("paypal:1"), SavedMethodType.PAYPAL, "cu-1", label="a***@example.com")
    saved = await ada.keep(paypal, "PAYPAL")
    assert saved is not None
    assert (saved.type, saved.label, saved.last_4, saved.is_expired) == (
        SavedMethodType.PAYPAL,
        "a***@example.com",
        None,
        False,
    )


async def test_a_token_is_saved_once(ada: Wallet, bob: Wallet) -> None:
    first = await ada.save(TOKEN)
    again = await ada.save(TOKEN, year=2100, brand="mastercard")
    assert (again.id, again.expiry_year, again.brand, again.is_default) == (first.id, 2100, "mastercard", True)
    assert [method.id for method in await ada.methods()] == [first.id]
    assert (await bob.save(TOKEN)).id != first.id


async def test_two_saves_of_a_token_at_once_save_it_once(ada: Wallet, owner: Any) -> None:
    saved = await asyncio.gather(*(ada.save(TOKEN) for _ in range(6)))
    assert len({method.id for method in saved}) == 1
    assert await topics(owner, ada) == ["payment.method_saved"]


async def test_the_first_is_the_default_also_when_several_are_saved_at_once(ada: Wallet) -> None:
    await asyncio.gather(*(ada.save(f"pm_{number}") for number in range(6)))
    methods = await ada.methods()
    assert [method.is_default for method in methods] == [True, *[False] * 5]


async def test_no_more_than_the_limit_is_saved_at_once_and_the_rest_is_deleted_at_the_provider(
    ada: Wallet, owner: Any
) -> None:
    outcomes = await asyncio.gather(*(ada.keep(kept(f"pm_{number}")) for number in range(MAX_METHODS + 3)))
    assert outcomes.count(None) == 3
    assert len(await ada.methods()) == MAX_METHODS
    assert len(await ada.rows(owner)) == MAX_METHODS + 3
    assert await ada.forget() == 3
    assert len(await ada.rows(owner)) == MAX_METHODS


async def test_what_a_provider_tells_is_never_refused(ada: Wallet) -> None:
    odd = replace(kept("pm_odd", month=13), brand="vi\x00sa" + "a" * 900, last4="42425", label="\u200b ")
    saved = await ada.keep(odd)
    assert saved is not None
    assert (saved.brand, saved.last_4, saved.expiry_month, saved.expiry_year, saved.label) == (
        ("visa" + "a" * 900)[:255],
        None,
        None,
        None,
        None,
    )


async def test_another_default_is_chosen_and_there_is_one_at_any_time(ada: Wallet) -> None:
    first, second, third = [await ada.save(f"pm_{number}") for number in range(3)]
    assert (await ada.change(second.id, {"is_default": True})).is_default
    assert [method.id for method in await ada.methods()] == [second.id, third.id, first.id]
    assert (await ada.change(second.id, {"is_default": False})).is_default
    await asyncio.gather(*(ada.change(method.id, {"is_default": True}) for method in (first, second, third)))
    assert [method.is_default for method in await ada.methods()] == [True, False, False]


async def test_an_alias_is_normalized_and_bounded(ada: Wallet) -> None:
    saved = await ada.save()
    assert (await ada.change(saved.id, {"alias": "  Cafe\u0301 card "})).alias == "Café card"
    assert (await ada.change(saved.id, {})).alias == "Café card"
    with pytest.raises(TooLong):
        await ada.change(saved.id, {"alias": "a" * 101})
    with pytest.raises(InvalidInput):
        await ada.change(saved.id, {"alias": "a\x00"})
    assert (await ada.change(saved.id, {"alias": None})).alias is None


async def test_the_newest_other_method_becomes_the_default(ada: Wallet, owner: Any) -> None:
    first, second, third = [await ada.save(f"pm_{number}") for number in range(3)]
    await ada.remove(second.id)
    assert [method.is_default for method in await ada.methods()] == [True, False]
    await ada.remove(first.id)
    (left,) = await ada.methods()
    assert (left.id, left.is_default) == (third.id, True)
    await ada.remove(third.id)
    assert await ada.methods() == []
    assert (await topics(owner, ada)).count("payment.method_removed") == 3


async def test_two_removals_at_once_leave_one_default(ada: Wallet) -> None:
    saved = [await ada.save(f"pm_{number}") for number in range(4)]
    await asyncio.gather(*(ada.remove(method.id) for method in saved[:3]))
    assert [(method.id, method.is_default) for method in await ada.methods()] == [(saved[3].id, True)]


async def test_a_removed_method_pays_nothing_and_is_not_found(ada: Wallet) -> None:
    saved = await ada.save()
    await ada.remove(saved.id)
    for attempt in (ada.choose(saved.id), ada.remove(saved.id), ada.change(saved.id, {"alias": "mine"})):
        with pytest.raises(SavedMethodNotFound):
            await attempt
    assert await ada.keep(kept("mock_pm_approves")) is None


async def test_a_method_of_another_customer_is_as_unknown_as_none(ada: Wallet, bob: Wallet) -> None:
    saved = await ada.save()
    messages = []
    for method_id in (saved.id, new_id()):
        for attempt in (bob.choose(method_id), bob.remove(method_id), bob.change(method_id, {"is_default": True})):
            with pytest.raises(SavedMethodNotFound) as error:
                await attempt
            messages.append(str(error.value).replace(str(method_id), "it"))
    assert len(set(messages)) == 1
    assert await bob.methods() == []


@pytest.mark.parametrize("kind", ["guest", "staff", "system", "other_company"])
async def test_nobody_else_pays_with_it(ada: Wallet, kind: str, other_company: UUID) -> None:
    saved = await ada.save()
    company = ada.actor.company_id
    others = {
        "guest": Actor.anonymous(company),
        "staff": administrator(company),
        "system": Actor.system(company),
        "other_company": replace(ada.actor, company_id=other_company),
    }
    other = Wallet(ada.database, others[kind], ada.payments)
    with pytest.raises(SavedMethodNotFound):
        await other.choose(saved.id)
    with pytest.raises((SavedMethodNotFound, Unauthenticated)):
        await other.remove(saved.id)


async def test_a_card_is_usable_to_the_end_of_its_month(ada: Wallet, clock: FixedClock) -> None:
    now = clock.now()
    current, past = await ada.save("pm_1", year=now.year, month=now.month), await ada.save("pm_2", year=now.year - 1)
    assert (current.is_expired, past.is_expired) == (False, True)
    assert (await ada.choose(current.id)).method == current
    with pytest.raises(SavedMethodExpired) as error:
        await ada.choose(past.id)
    assert error.value.field == ("saved_method_id",)
    assert {method.id for method in await ada.methods()} == {current.id, past.id}


async def test_a_method_of_a_provider_that_is_gone_is_shown_and_pays_nothing(ada: Wallet) -> None:
    saved = await ada.keep(kept("pm_gone"), "GONE")
    assert saved is not None
    with pytest.raises(ProviderNotConfigured):
        await ada.choose(saved.id)
    assert await ada.methods() == [saved]


async def test_the_provider_knows_a_customer_by_the_newest_method(ada: Wallet, bob: Wallet) -> None:
    saved = ada.payments.saved_methods
    assert await saved.customer_of(ada.reader, ada.user_id, "MOCK") == ProviderCustomer(ada.user_id)
    await ada.save("pm_1")
    await ada.keep(replace(kept("pm_2"), customer_id="cus_2"))
    assert await saved.customer_of(ada.reader, ada.user_id, "MOCK") == ProviderCustomer(ada.user_id, "cus_2")
    assert await saved.customer_of(ada.reader, ada.user_id, "PAYPAL") == ProviderCustomer(ada.user_id)
    assert await saved.customer_of(bob.reader, bob.user_id, "MOCK") == ProviderCustomer(bob.user_id)


async def test_statements(ada: Wallet) -> None:
    with counting() as saving:
        saved = await ada.save("pm_1")
    with counting() as knowing:
        await ada.save("pm_1")
    other = await ada.save("pm_2")
    with counting() as listing:
        await ada.methods()
    with counting() as choosing:
        await ada.choose(saved.id)
    with counting() as changing:
        await ada.change(other.id, {"is_default": True, "alias": "Mine"})
    with counting() as removing:
        await ada.remove(other.id)
    counts = [each.data for each in (saving, knowing, listing, choosing, changing, removing)]
    assert counts == [4, 1, 1, 1, 4, 6]


async def test_a_new_key_reads_and_recognizes_what_an_older_one_has_encrypted(
    ada: Wallet, provider: MockPayments, clock: FixedClock, owner: Any
) -> None:
    def with_keys(*keys: bytes) -> Wallet:
        providers = Providers(provider, encryption=Cipher(keys, b"payment accounts"))
        return Wallet(ada.database, ada.actor, payment_service(providers, clock))

    old, new = b"1" * 32, b"2" * 32
    saved = await ada.save(TOKEN)
    both = with_keys(new, old)
    assert (await both.choose(saved.id)).instrument.token == Secret(TOKEN)
    with pytest.raises(DecryptionFailed):
        await with_keys(new).choose(saved.id)
    assert (await both.save(TOKEN)).id == saved.id
    assert (await with_keys(new).choose(saved.id)).instrument.token == Secret(TOKEN)
    assert len(await ada.rows(owner)) == 1


async def test_another_company_has_methods_of_its_own(
    ada: Wallet, other_company: UUID, database: Database, owner: Any
) -> None:
    await ada.save(TOKEN)
    there = Wallet(database, replace(ada.actor, company_id=other_company), ada.payments)
    assert await there.methods() == []
    assert (await there.save(TOKEN)).is_default
    assert len(await ada.methods()) == 1
    assert require_user_id(there.actor) == ada.user_id


async def topics(owner: Any, wallet: Wallet) -> list[str]:
    """The topics of the events about a customer's methods."""
    rows = await owner.fetch(
        "select topic from outbox_events where aggregate_id = $1 and topic like 'payment.%' order by sequence",
        wallet.user_id,
    )
    return [row["topic"] for row in rows]
