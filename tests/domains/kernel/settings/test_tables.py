"""Settings tables: defaults without a row, cached rows, and rules that report all errors together."""

import asyncio
from datetime import time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import DomainError
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.prisma.errors import MisuseError
from domains.kernel.settings import SettingsCache, check_settings
from domains.kernel.validation import errors_of
from domains.order.checkout.settings import SETTINGS as ORDER
from domains.order.models import OrderSettings
from domains.shipping.events import ShippingSettingsUpdated
from domains.shipping.models import ShippingSettings
from domains.shipping.settings import settings_table as shipping_table
from domains.tax.settings import TaxSettingsTable

FIVE = OrderSettings(
    company_id=UUID(int=1),
    order_number_pattern="{number}",
    guest_checkout=True,
    accept_unpaid_up_to=Decimal(5),
    max_order_units=1000,
    max_order_value=Decimal("49.99"),
    payment_minutes=30,
    acceptance_hours=72,
    max_unpaid_orders=20,
)


@pytest.fixture
def cache(clock: FixedClock) -> SettingsCache:
    return SettingsCache(clock)


async def test_a_company_without_a_row_has_the_defaults(cache: SettingsCache, reader: Reader, company: UUID) -> None:
    settings = await shipping_table(cache).current(reader)
    assert settings == ShippingSettings(company, 31, [], None, 1, has_zones=False)


async def test_the_settings_of_all_domains_are_read_with_one_statement_and_cached(
    cache: SettingsCache, reader: Reader
) -> None:
    shipping, tax = shipping_table(cache), TaxSettingsTable(cache)
    with counting() as first:
        await shipping.current(reader)
    with counting() as second:
        await tax.current(reader)
        await shipping.current(reader)
    assert (first.data, second.data) == (1, 0)


async def test_a_change_emits_an_event_and_is_visible_when_it_commits(
    cache: SettingsCache, database: Database, actor: Actor, reader: Reader, company: UUID
) -> None:
    shipping = shipping_table(cache)
    await shipping.current(reader)
    async with database.transaction(actor) as tx:
        changed = await shipping.update(tx, {"handling_days": 5}, "EUR")
        assert changed == await shipping.current(tx) == ShippingSettings(company, 31, [], None, 5, has_zones=False)
        assert tx.events == [ShippingSettingsUpdated(company_id=company, changed=["handling_days"])]
        assert (await shipping.current(reader)).handling_days == 1
    with counting() as count:
        assert await shipping.current(reader) == changed
        assert await shipping.current(reader) == changed
    assert count.data == 1


async def test_a_change_that_is_rolled_back_is_not_cached(
    cache: SettingsCache, database: Database, actor: Actor, reader: Reader
) -> None:
    shipping = shipping_table(cache)

    async def refused(tx: Tx) -> None:
        await shipping.update(tx, {"handling_days": 5}, "EUR")
        assert (await shipping.current(tx)).handling_days == 5
        raise LookupError

    with pytest.raises(LookupError):
        await database.run(refused, actor)
    assert (await shipping.current(reader)).handling_days == 1


async def test_setting_the_same_value_emits_nothing(cache: SettingsCache, tx: Tx) -> None:
    shipping = shipping_table(cache)
    await shipping.update(tx, {"handling_days": 1, "order_cutoff": None}, "EUR")
    assert tx.events == []


async def test_parallel_changes_of_different_settings_all_take_effect(
    cache: SettingsCache, database: Database, actor: Actor, reader: Reader
) -> None:
    shipping = shipping_table(cache)

    async def change(name: str, value: Any) -> None:
        await database.run(lambda tx: shipping.update(tx, {name: value}, "EUR"), actor)

    await asyncio.gather(change("handling_days", 5), change("order_cutoff", "14:30"))
    settings = await shipping.current(reader)
    assert (settings.handling_days, settings.order_cutoff) == (5, time(14, 30))


async def test_the_settings_of_another_company_cannot_be_changed(
    cache: SettingsCache, database: Database, reader: Reader, company: UUID, other_company: UUID, owner: Any
) -> None:
    shipping = shipping_table(cache)
    insert = "insert into shipping_settings (company_id, handling_days) values ($1, 7)"
    await owner.execute(insert, other_company)
    with pytest.raises(MisuseError):
        await cache.load_many(reader, [other_company])
    assert await reader.fetch_value("select count(*) from shipping_settings") == 0
    platform = database.reader(None)
    rows = await cache.load_many(platform, [company, other_company])
    assert [shipping.from_rows(each, rows[each]).handling_days for each in (company, other_company)] == [1, 7]
    with pytest.raises(MisuseError):
        await shipping.current(platform)
    async with database.transaction(Actor.system(company), platform=True) as tx:
        assert await tx.execute("update shipping_settings set handling_days = 8") == 0


def test_all_errors_are_raised_together_with_the_name_of_the_setting() -> None:
    with pytest.raises(DomainError) as caught:
        check_settings(ORDER, {"payment_minutes": None, "max_order_value": Decimal("0.001")}, FIVE, "EUR")
    assert [(error.field, error.code) for error in errors_of(caught.value)] == [
        (("payment_minutes",), "REQUIRED"),
        (("max_order_value",), "TOO_MANY_DECIMALS"),
    ]


def test_unchanged_amounts_must_fit_a_new_currency() -> None:
    with pytest.raises(DomainError, match="JPY has at most 0 decimal places") as caught:
        check_settings(ORDER, {}, FIVE, "JPY", is_new_currency=True)
    assert caught.value.field == ("max_order_value",)
    changes = {"max_order_value": Decimal(50)}
    assert check_settings(ORDER, changes, FIVE, "JPY", is_new_currency=True) == changes | {
        "accept_unpaid_up_to": Decimal(5)
    }


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("order_number_pattern", "{year}", "ORDER_NUMBER_PATTERN_INVALID"),
        ("accept_unpaid_up_to", Decimal("0.001"), "TOO_MANY_DECIMALS"),
        ("accept_unpaid_up_to", Decimal(-1), "OUT_OF_RANGE"),
        ("max_order_value", Decimal(0), "OUT_OF_RANGE"),
        ("max_order_units", 0, "OUT_OF_RANGE"),
        ("max_order_units", 10_000_001, "OUT_OF_RANGE"),
        ("payment_minutes", 4, "OUT_OF_RANGE"),
        ("acceptance_hours", 721, "OUT_OF_RANGE"),
        ("max_unpaid_orders", 0, "OUT_OF_RANGE"),
    ],
)
def test_an_order_setting_out_of_range_is_refused_with_its_name(name: str, value: Any, code: str) -> None:
    with pytest.raises(DomainError) as caught:
        check_settings(ORDER, {name: value}, None, "EUR")
    assert (caught.value.field, caught.value.code) == ((name,), code)
