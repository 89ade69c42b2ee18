"""Companies: which one a request is for, its settings, and the platform's list of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, cast
from uuid import UUID

import asyncpg

from domains.company import data, events, settings, sql
from domains.company.data import CompanyCreate, CompanyUpdate, CompanyWhere
from domains.company.directory import CompanyDirectory
from domains.company.errors import (
    CompanyNotFound,
    CurrencyFrozen,
    DefaultCompanyFixed,
    NoDefaultCompany,
    SlugTaken,
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
        self._place = cache.add(data.company, key="id")
        self._money_tables = money_tables
        self._default_slug = default_slug

    async def by_slug(self, db: Reader, slug: str, *, even_closed: bool = False) -> Company | None:
        """The active company with this slug. No statement when it was found in the last seconds."""
        company = await self._directory.find(db, slug)
        return company if company is not None and (company.is_active or even_closed) else None

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
        company: Company | None = rows[self._place]
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
        found = None if db.company_id is None else await sql.held_currency(db, db.company_id)
        if found is None:
            raise CompanyNotFound
        return found

    async def update_settings(self, tx: Tx, actor: Actor, changes: SettingsChanges) -> Company:
        """Change settings of the actor's company, which is locked until the transaction ends.

        Raises CurrencyFrozen once the company holds any amount, and InvalidInput, Required or TooLong by setting.
        Emits company.updated.
        """
        company = await self._locked(tx, actor.company_id)
        checked = settings.checked(changes, company)
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
        _require_platform(actor)
        where = cast("CompanyWhere", containing(search, ("name", "slug")))
        if is_active is not None:
            where["is_active"] = is_active
        return await fetch_page(data.company, db, page, sort=sort, where=where)

    async def get_company(self, db: Reader, actor: Actor, company_id: UUID) -> Company:
        """One company: the actor's own, or any for the super administrator. Raises CompanyNotFound."""
        if not (actor.is_super_administrator or company_id == actor.company_id):
            raise CompanyNotFound
        return self.from_rows(await self.settings_cache.reload(db, company_id))

    async def companies_by_id(self, db: Reader, actor: Actor, company_ids: Sequence[UUID]) -> list[Company]:
        """Those of the companies that `get_company` gives this actor, in no order. One statement."""
        wanted = [each for each in company_ids if actor.is_super_administrator or each == actor.company_id]
        return await data.company.find_many(db, where={"id": {"in": wanted}}) if wanted else []

    async def create_company(
        self, tx: Tx, actor: Actor, *, slug: str | None = None, changes: SettingsChanges
    ) -> Company:
        """Create a company, in a transaction of the platform; settings that are not given have their defaults.

        The slug is made from the name when none is given. Raises PermissionDenied, SlugTaken, and what
        `update_settings` raises for a setting. Emits company.created.
        """
        _require_platform(actor)
        with collect_errors() as each:
            with each:
                checked = settings.checked({"name": "", **changes})
            with each:
                name = (changes.get("name") or "").strip()
                if slug is not None or name:  # without both there is nothing to make a slug of
                    wanted = settings.require_slug(slug, name)
        try:
            company = await data.company.create(tx, cast("CompanyCreate", {**checked, "slug": wanted}))
        except asyncpg.UniqueViolationError as error:
            raise SlugTaken(wanted) from error
        self._forget(tx)
        tx.emit(events.CompanyCreated(company_id=company.id, name=company.name, slug=company.slug))
        return company

    async def rename_company(
        self, tx: Tx, actor: Actor, company_id: UUID, *, name: str | None = None, slug: str | None = None
    ) -> Company:
        """Give a company another name or slug, in a transaction of the platform.

        Raises PermissionDenied, CompanyNotFound, SlugTaken and DefaultCompanyFixed. Emits company.updated.
        """
        _require_platform(actor)
        company = await self._locked(tx, company_id)
        renamed: dict[str, object] = {}
        with collect_errors() as each:
            with each:
                renamed |= settings.checked({} if name is None else {"name": name}, company)
            with each:
                if slug is not None and slug != company.slug:
                    self._require_not_default(company, "slug")
                    renamed["slug"] = settings.require_slug(slug, company.name)
        return await self._update(tx, company, renamed)

    async def deactivate_company(self, tx: Tx, actor: Actor, company_id: UUID) -> Company:
        """Close a company, in a transaction of the platform: no request is served in its name; all of it stays.

        Raises PermissionDenied, CompanyNotFound, DefaultCompanyFixed. Emits company.deactivated.
        """
        return await self._set_active(tx, actor, company_id, active=False)

    async def activate_company(self, tx: Tx, actor: Actor, company_id: UUID) -> Company:
        """Open a closed company again, in a transaction of the platform.

        Raises PermissionDenied and CompanyNotFound. Emits company.activated.
        """
        return await self._set_active(tx, actor, company_id, active=True)

    async def _set_active(self, tx: Tx, actor: Actor, company_id: UUID, *, active: bool) -> Company:
        _require_platform(actor)
        company = await self._locked(tx, company_id)
        if company.is_active is active:
            return company
        if not active:
            self._require_not_default(company, "id")
        self._forget(tx)
        event = events.CompanyActivated if active else events.CompanyDeactivated
        tx.emit(event(company_id=company.id))
        return await data.company.update(tx, id=company.id, data={"is_active": active})

    async def _locked(self, tx: Tx, company_id: UUID) -> Company:
        company = await sql.locked(tx, company_id)
        if company is None:
            raise CompanyNotFound
        return company

    async def _update(self, tx: Tx, company: Company, checked: Mapping[str, object]) -> Company:
        changed = sorted(name for name, value in checked.items() if getattr(company, name) != value)
        if not changed:
            return company
        self._forget(tx)
        try:
            updated = await data.company.update(tx, id=company.id, data=cast("CompanyUpdate", checked))
        except asyncpg.UniqueViolationError as error:
            raise SlugTaken(str(checked["slug"])) from error
        tx.emit(events.CompanyUpdated(company_id=company.id, changed=changed))
        return updated

    def _forget(self, tx: Tx) -> None:
        self._directory.invalidate(tx)
        self.settings_cache.invalidate(tx)

    def _require_not_default(self, company: Company, field: str) -> None:
        if company.slug == self._default_slug:
            raise DefaultCompanyFixed(field)


def _require_platform(actor: Actor) -> None:
    if not actor.is_super_administrator:
        raise PermissionDenied("Companies are opened and closed by the platform's super administrator.")
