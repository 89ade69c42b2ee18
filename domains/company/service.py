"""Companies: lookup by slug, their settings, and the list of the platform."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, cast
from uuid import UUID

import asyncpg

from domains.company import data, events, settings, sql
from domains.company.data import CompanyCreate, CompanyUpdate, CompanyWhere
from domains.company.directory import CompanyDirectory
from domains.company.errors import (
    CompanyNotFound,
    CompanySlugTaken,
    CurrencyFrozen,
    DefaultCompanyFixed,
    NoDefaultCompany,
)
from domains.company.models import Company, SettingsChanges
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import PermissionDenied
from domains.kernel.pagination.keyset import Sort, containing, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.settings import Rows, SettingsCache
from domains.kernel.validation import collect_errors

DEFAULT_SLUG: Final = "default"
BY_CREATION: Final = Sort("created_at", datetime, "desc")
BY_NAME: Final = Sort("name", str)


class CompanyService:
    """The companies of an installation; only the platform's super administrator lists and creates them.

    `money_tables` are the tables of all domains that hold amounts in the company's currency.
    """

    def __init__(
        self,
        clock: Clock,
        cache: SettingsCache,
        money_tables: Sequence[str] = (),
        *,
        default_slug: str = DEFAULT_SLUG,
    ) -> None:
        self._directory = CompanyDirectory(clock)
        self.settings_cache = cache
        self._index = cache.add(data.company, key="id")
        self._money_tables = money_tables
        self._default_slug = default_slug

    def forget_remembered(self) -> None:
        """Read companies and all settings anew, since another process has changed them."""
        self._directory.clear()
        self.settings_cache.clear()

    async def by_slug(self, db: Reader, slug: str, *, include_inactive: bool = False) -> Company | None:
        """The company with this slug, a closed one only with `include_inactive`; remembered for a few seconds."""
        company = await self._directory.find(db, slug)
        return company if company is not None and (company.is_active or include_inactive) else None

    async def default_company(self, db: Reader) -> Company:
        """The company of requests that name none; remembered like `by_slug`. Raises NoDefaultCompany."""
        company = await self.by_slug(db, self._default_slug)
        if company is None:
            raise NoDefaultCompany(self._default_slug)
        return company

    async def current(self, db: Reader) -> Company:
        """The company of the handle; remembered like `by_slug`. Raises CompanyNotFound."""
        if db.company_id is None:
            raise CompanyNotFound
        return self.from_rows(await self.settings_cache.rows(db, db.company_id))

    def from_rows(self, rows: Rows) -> Company:
        """The company among its rows. Raises CompanyNotFound."""
        company: Company | None = rows[self._index]
        if company is None:
            raise CompanyNotFound
        return company

    async def currency(self, db: Reader) -> str:
        """The currency of the handle's company. Raises CompanyNotFound.

        In a transaction, which may write amounts, it takes one statement and the currency cannot change until the
        transaction ends. Elsewhere it is remembered like `by_slug`.
        """
        if not isinstance(db, Tx):
            return (await self.current(db)).currency
        currency = None if db.company_id is None else await sql.lock_currency(db, db.company_id)
        if currency is None:
            raise CompanyNotFound
        return currency

    async def update_settings(self, tx: Tx, actor: Actor, changes: SettingsChanges) -> Company:
        """Change settings of the actor's company, which is locked until the transaction ends.

        Raises CurrencyFrozen once the company holds any amount, and InvalidInput, Required or TooLong by setting.
        Emits company.updated.
        """
        company = await self._lock(tx, actor.company_id)
        checked = settings.check_changes(changes, company)
        if checked.get("currency", company.currency) != company.currency:
            await data.company.find_unique(tx, id=company.id, lock=True)  # waits for transactions that write amounts
            if await sql.has_rows(tx, company.id, self._money_tables):
                raise CurrencyFrozen(company.currency)
        return await self._update(tx, company, checked)

    async def find_companies(
        self,
        db: Reader,
        actor: Actor,
        page: PageArgs,
        *,
        search: str | None = None,
        is_active: bool | None = None,
        sort: Sort = BY_CREATION,
    ) -> Page[Company]:
        """The companies of the installation; `search` looks in name and slug. Raises PermissionDenied."""
        _require_super_administrator(actor)
        where: CompanyWhere = {}
        if (match := containing(search)) is not None:
            where["OR"] = [{"name": match}, {"slug": match}]
        if is_active is not None:
            where["is_active"] = is_active
        return await fetch_page(data.company, db, page, sort=sort, where=where)

    async def get_company(self, db: Reader, actor: Actor, company_id: UUID) -> Company:
        """One company: the actor's own, or any for the super administrator. Raises CompanyNotFound."""
        if not (actor.is_super_administrator or company_id == actor.company_id):
            raise CompanyNotFound
        return self.from_rows(await self.settings_cache.reload(db, company_id))

    async def companies_by_id(self, db: Reader, actor: Actor, company_ids: Sequence[UUID]) -> list[Company]:
        """Those of the companies that the actor may see, in no order. One statement."""
        visible = [id_ for id_ in company_ids if actor.is_super_administrator or id_ == actor.company_id]
        return await data.company.find_many(db, where={"id": {"in": visible}}) if visible else []

    async def create_company(
        self, tx: Tx, actor: Actor, *, slug: str | None = None, changes: SettingsChanges
    ) -> Company:
        """Create a company, in a transaction of the platform; settings that are not given have their defaults.

        The slug is made from the name when none is given. Raises PermissionDenied, CompanySlugTaken, and what
        `update_settings` raises for a setting. Emits company.created.
        """
        _require_super_administrator(actor)
        with collect_errors() as errors:
            with errors:
                checked = settings.check_changes({"name": "", **changes})
            with errors:
                name = (changes.get("name") or "").strip()
                if slug is not None or name:  # without both there is nothing to make a slug of
                    valid_slug = settings.require_slug(slug, name)
        try:
            company = await data.company.create(tx, cast("CompanyCreate", {**checked, "slug": valid_slug}))
        except asyncpg.UniqueViolationError as error:
            raise CompanySlugTaken(valid_slug) from error
        self._invalidate_caches(tx)
        tx.emit(events.CompanyCreated(company_id=company.id, name=company.name, slug=company.slug))
        return company

    async def rename_company(
        self, tx: Tx, actor: Actor, company_id: UUID, *, name: str | None = None, slug: str | None = None
    ) -> Company:
        """Give a company another name or slug, in a transaction of the platform.

        Raises PermissionDenied, CompanyNotFound, CompanySlugTaken and DefaultCompanyFixed. Emits company.updated.
        """
        _require_super_administrator(actor)
        company = await self._lock(tx, company_id)
        renamed: CompanyUpdate = {}
        with collect_errors() as errors:
            with errors:
                renamed |= settings.check_changes({} if name is None else {"name": name}, company)
            with errors:
                if slug is not None and slug != company.slug:
                    self._require_not_default(company, "slug")
                    renamed["slug"] = settings.require_slug(slug, company.name)
        return await self._update(tx, company, renamed)

    async def deactivate_company(self, tx: Tx, actor: Actor, company_id: UUID) -> Company:
        """Close a company, in a transaction of the platform: its requests are refused, its data stays.

        Raises PermissionDenied, CompanyNotFound, DefaultCompanyFixed. Emits company.deactivated.
        """
        return await self._set_active(tx, actor, company_id, is_active=False)

    async def activate_company(self, tx: Tx, actor: Actor, company_id: UUID) -> Company:
        """Open a closed company again, in a transaction of the platform.

        Raises PermissionDenied and CompanyNotFound. Emits company.activated.
        """
        return await self._set_active(tx, actor, company_id, is_active=True)

    async def _set_active(self, tx: Tx, actor: Actor, company_id: UUID, *, is_active: bool) -> Company:
        _require_super_administrator(actor)
        company = await self._lock(tx, company_id)
        if company.is_active is is_active:
            return company
        if not is_active:
            self._require_not_default(company, "id")
        self._invalidate_caches(tx)
        event = events.CompanyActivated if is_active else events.CompanyDeactivated
        tx.emit(event(company_id=company.id))
        return await data.company.update(tx, id=company.id, data={"is_active": is_active})

    async def _lock(self, tx: Tx, company_id: UUID) -> Company:
        company = await sql.lock(tx, company_id)
        if company is None:
            raise CompanyNotFound
        return company

    async def _update(self, tx: Tx, company: Company, checked: CompanyUpdate) -> Company:
        changed = sorted(name for name, value in checked.items() if getattr(company, name) != value)
        if not changed:
            return company
        self._invalidate_caches(tx)
        try:
            updated = await data.company.update(tx, id=company.id, data=checked)
        except asyncpg.UniqueViolationError as error:
            raise CompanySlugTaken(checked["slug"]) from error
        tx.emit(events.CompanyUpdated(company_id=company.id, changed=changed))
        return updated

    def _invalidate_caches(self, tx: Tx) -> None:
        self._directory.invalidate(tx)
        self.settings_cache.invalidate(tx)

    def _require_not_default(self, company: Company, field: str) -> None:
        if company.slug == self._default_slug:
            raise DefaultCompanyFixed(field)


def _require_super_administrator(actor: Actor) -> None:
    if not actor.is_super_administrator:
        raise PermissionDenied("Only the super administrator can list, create, open and close companies.")
