"""Companies: cached, changed by their administrators, created and deactivated by super administrators."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domains.company import events
from domains.company.errors import (
    CompanyNotFound,
    CompanySlugTaken,
    CurrencyFrozen,
    DefaultCompanyFixed,
    NoDefaultCompany,
)
from domains.company.models import Company
from domains.company.service import CompanyService
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import PermissionDenied
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.settings import SettingsCache
from gateway.services import money_tables_of
from tests.domains.actors import administrator, super_administrator

DEFAULT = UUID("00000000-0000-7000-8000-000000000001")
# What suppliers and carriers charge, in currencies of their own.
OF_OTHERS = ("purchase_orders", "purchase_order_lines", "shipping_labels", "shipments")


@pytest.fixture
def companies(clock: FixedClock) -> CompanyService:
    return CompanyService(clock, SettingsCache(clock), money_tables_of())


async def add_money(owner: Any, company: UUID) -> None:
    """Insert a promotion, which has a currency."""
    await owner.execute(
        "insert into promotions (id, company_id, name, code, type, discount_type, discount_value, currency,"
        " start_date, end_date, updated_at)"
        " select $1, id, 'x', 'X', 'SEASONAL', 'FIXED_AMOUNT', 1, currency, now(), now() + '1 day', now()"
        " from companies where id = $2",
        new_id(),
        company,
    )


async def test_a_company_is_read_once_and_then_cached(companies: CompanyService, reader: Reader) -> None:
    with counting() as first:
        company = await companies.current(reader)
    with counting() as again:
        assert await companies.current(reader) is company
        assert await companies.currency(reader) == "EUR"
    with counting() as by_slug:
        assert await companies.by_slug(reader, company.slug) == company
        assert await companies.by_slug(reader, company.slug) == company
    assert (first.data, again.data, by_slug.data) == (1, 0, 1)


async def test_a_missing_company_is_cached(companies: CompanyService, reader: Reader) -> None:
    with counting() as count:
        assert await companies.by_slug(reader, "unknown") is None
        assert await companies.by_slug(reader, "unknown") is None
    assert count.data == 1


async def test_a_cached_company_is_read_again_after_a_few_seconds(
    companies: CompanyService, reader: Reader, owner: Any, clock: FixedClock, company: UUID
) -> None:
    assert (await companies.current(reader)).name == "A shop"
    await owner.execute("update companies set name = 'Another' where id = $1", company)
    assert (await companies.current(reader)).name == "A shop"
    clock.advance(timedelta(seconds=5))
    assert (await companies.current(reader)).name == "Another"


async def test_a_new_installation_has_its_default_company(
    database: Database, companies: CompanyService, clock: FixedClock
) -> None:
    reader_without_company = database.reader(None)
    assert (await companies.default_company(reader_without_company)).id == DEFAULT
    with pytest.raises(NoDefaultCompany, match="'other'"):
        await CompanyService(clock, SettingsCache(clock), default_slug="other").default_company(
            reader_without_company
        )


async def test_an_actor_without_a_company_has_no_current_company(
    database: Database, companies: CompanyService
) -> None:
    with pytest.raises(CompanyNotFound):
        await companies.current(database.reader(None))


async def test_a_change_of_settings_is_visible_at_once_and_emits_an_event(
    companies: CompanyService, database: Database, reader: Reader, company: UUID
) -> None:
    admin = administrator(company)
    assert (await companies.current(reader)).time_zone == "UTC"
    with counting() as count:
        changed = await database.run(
            lambda tx: companies.update_settings(
                tx, admin, {"time_zone": "Europe/Berlin", "name": "Shop", "currency": "EUR"}
            ),
            admin,
        )
    assert (changed.time_zone, changed.name, changed.currency) == ("Europe/Berlin", "Shop", "EUR")
    assert await companies.current(reader) == changed
    assert count.data == 3


async def test_a_change_without_a_difference_emits_no_event(companies: CompanyService, tx: Tx, company: UUID) -> None:
    await companies.update_settings(tx, administrator(company), {"name": "A shop"})
    assert tx.events == []
    await companies.update_settings(tx, administrator(company), {"name": "B shop"})
    assert tx.events == [events.CompanyUpdated(company_id=company, changed=["name"])]


async def test_a_read_during_a_change_caches_no_old_value(
    companies: CompanyService, database: Database, reader: Reader, company: UUID
) -> None:
    async with database.transaction(administrator(company)) as tx:
        await companies.update_settings(tx, administrator(company), {"name": "B shop"})
        assert (await companies.current(reader)).name == "A shop"
    assert (await companies.current(reader)).name == "B shop"


async def test_two_changes_of_different_settings_both_take_effect(
    companies: CompanyService, database: Database, reader: Reader, company: UUID
) -> None:
    admin = administrator(company)
    await asyncio.gather(
        database.run(lambda tx: companies.update_settings(tx, admin, {"name": "B shop"}), admin),
        database.run(lambda tx: companies.update_settings(tx, admin, {"time_zone": "Europe/Berlin"}), admin),
        database.run(lambda tx: companies.update_settings(tx, admin, {"currency": "USD"}), admin),
    )
    shop = await companies.current(reader)
    assert (shop.name, shop.time_zone, shop.currency) == ("B shop", "Europe/Berlin", "USD")


async def test_the_currency_can_change_until_money_is_stored(
    companies: CompanyService, database: Database, owner: Any, company: UUID, other_company: UUID
) -> None:
    admin = administrator(company)
    await add_money(owner, other_company)
    changed = await database.run(lambda tx: companies.update_settings(tx, admin, {"currency": "JPY"}), admin)
    assert changed.currency == "JPY"
    await add_money(owner, company)
    with pytest.raises(CurrencyFrozen, match="stays JPY"):
        await database.run(lambda tx: companies.update_settings(tx, admin, {"currency": "EUR"}), admin)
    same = await database.run(lambda tx: companies.update_settings(tx, admin, {"currency": "JPY"}), admin)
    assert same.currency == "JPY"


async def test_every_table_with_a_currency_freezes_it(owner: Any) -> None:
    rows = await owner.fetch(
        "select table_name from information_schema.columns where table_schema = 'public'"
        " and column_name in ('currency', 'company_id') group by table_name having count(*) = 2"
    )
    assert sorted(row["table_name"] for row in rows) == sorted([*money_tables_of(), *OF_OTHERS])


async def test_settings_can_change_while_amounts_are_written(
    companies: CompanyService, database: Database, company: UUID
) -> None:
    admin = administrator(company)
    async with database.transaction(admin) as writing:
        await companies.currency(writing)
        await add_money(writing, company)
        async with asyncio.timeout(5):
            changed = await database.run(
                lambda tx: companies.update_settings(tx, admin, {"name": "B shop", "currency": "EUR"}), admin
            )
        assert changed.name == "B shop"


async def test_two_changes_of_settings_are_serialized(
    companies: CompanyService, database: Database, company: UUID
) -> None:
    admin = administrator(company)
    async with database.transaction(admin) as first:
        await companies.update_settings(first, admin, {"name": "B shop"})
        second = asyncio.create_task(
            database.run(lambda tx: companies.update_settings(tx, admin, {"currency": "USD"}), admin)
        )
        await asyncio.sleep(0.02)
        assert not second.done()
    shop = await second
    assert (shop.name, shop.currency) == ("B shop", "USD")


async def test_the_currency_cannot_change_while_amounts_are_written(
    companies: CompanyService, database: Database, owner: Any, company: UUID
) -> None:
    admin = administrator(company)
    async with database.transaction(admin) as tx:
        assert await companies.currency(tx) == "EUR"
        change = asyncio.create_task(
            database.run(lambda tx: companies.update_settings(tx, admin, {"currency": "USD"}), admin)
        )
        async with database.transaction(admin) as another:
            assert await companies.currency(another) == "EUR"
        await add_money(tx, company)
    with pytest.raises(CurrencyFrozen):
        await change


async def test_companies_are_managed_by_super_administrators_only(
    companies: CompanyService, database: Database, owner: Any, company: UUID, other_company: UUID
) -> None:
    before = await owner.fetch("select * from companies order by id")
    admin = administrator(company)
    for refused in (
        lambda tx: companies.create_company(tx, admin, changes={"name": "Mine"}),
        lambda tx: companies.rename_company(tx, admin, other_company, name="Mine"),
        lambda tx: companies.deactivate_company(tx, admin, other_company),
        lambda tx: companies.activate_company(tx, admin, other_company),
        lambda tx: companies.find_companies(tx, admin, PageArgs()),
    ):
        with pytest.raises(PermissionDenied):
            await database.run(refused, admin)
    with pytest.raises(CompanyNotFound):
        await companies.get_company(database.reader(company), admin, other_company)
    assert await owner.fetch("select * from companies order by id") == before


async def test_a_super_administrator_creates_renames_and_deactivates_companies(
    companies: CompanyService, database: Database, company: UUID, owner: Any
) -> None:
    boss = super_administrator(company)

    async def run(work: Any) -> Company:
        made: Company = await database.run(work, boss, platform=True)
        return made

    name = f"Shop {new_id().hex}"
    opened = await run(lambda tx: companies.create_company(tx, boss, changes={"name": name, "currency": "KWD"}))
    assert (opened.slug, opened.currency, opened.is_active) == (name.lower().replace(" ", "-"), "KWD", True)
    with pytest.raises(CompanySlugTaken):
        await run(lambda tx: companies.create_company(tx, boss, changes={"name": name}))
    slug = f"x-{new_id().hex}"
    renamed = await run(lambda tx: companies.rename_company(tx, boss, opened.id, name="New", slug=slug))
    assert (renamed.name, renamed.slug) == ("New", slug)
    assert await companies.by_slug(database.reader(None), slug) == renamed
    with pytest.raises(CompanySlugTaken):
        await run(lambda tx: companies.rename_company(tx, boss, opened.id, slug="default"))
    assert not (await run(lambda tx: companies.deactivate_company(tx, boss, opened.id))).is_active
    assert await companies.by_slug(database.reader(None), slug) is None
    assert (await run(lambda tx: companies.activate_company(tx, boss, opened.id))).is_active
    assert await companies.by_slug(database.reader(None), slug) is not None
    rows = await owner.fetch("select topic from outbox_events where aggregate_id = $1 order by sequence", opened.id)
    topics = [row["topic"] for row in rows]
    assert topics == ["company.created", "company.updated", "company.deactivated", "company.activated"]


async def test_the_default_company_cannot_be_renamed_or_deactivated(
    companies: CompanyService, database: Database, company: UUID
) -> None:
    boss = super_administrator(company)
    for refused in (
        lambda tx: companies.rename_company(tx, boss, DEFAULT, slug="other"),
        lambda tx: companies.deactivate_company(tx, boss, DEFAULT),
    ):
        with pytest.raises(DefaultCompanyFixed):
            await database.run(refused, boss, platform=True)
    assert (await companies.default_company(database.reader(None))).is_active


async def test_a_super_administrator_lists_and_searches_companies(
    companies: CompanyService, tx: Tx, actor: Actor, owner: Any
) -> None:
    mark = new_id().hex
    for number in range(3):
        await owner.execute(
            "insert into companies (id, name, slug, is_active, created_at, updated_at)"
            " values ($1, $2, $3, $4, now() + make_interval(secs => $5), now())",
            new_id(),
            f"{mark} {number}",
            f"{mark}-{number}",
            number != 1,
            number,
        )
    page = await companies.find_companies(tx, actor, PageArgs(first=2), search=mark.upper())
    assert [company.slug for company in page.items] == [f"{mark}-2", f"{mark}-1"]
    rest = await companies.find_companies(tx, actor, PageArgs(first=2, after=page.cursors[-1]), search=mark)
    assert ([company.slug for company in rest.items], await rest.count()) == ([f"{mark}-0"], 3)
    closed = await companies.find_companies(tx, actor, PageArgs(), search=mark, is_active=False)
    assert [company.slug for company in closed.items] == [f"{mark}-1"]
