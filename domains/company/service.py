"""Companies: which one a request is for, its settings, and the platform's list of them."""

from collections.abc import Mapping
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
    PricesTooFine,
    SlugTaken,
)
from domains.company.models import Company, SettingsChanges
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import PermissionDenied
from domains.kernel.pagination.keyset import Sort, containing, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.validation import collect_errors
from domains.kernel.values.money import UnitPrices

DEFAULT_SLUG: Final = "default"
BY_CREATION: Final = Sort("created_at", datetime, "desc")
BY_NAME: Final = Sort("name", str)


class CompanyService:
    """The companies of an installation; only the platform's super administrator lists and makes them."""

    def __init__(self, clock: Clock, *, default_slug: str = DEFAULT_SLUG) -> None:
        self._directory = CompanyDirectory(clock)
        self._default_slug = default_slug

    async def by_slug(self, db: Reader, slug: str, *, even_closed: bool = False) -> Company | None:
        """The active company with this slug; no statement when it was found in the last seconds."""
        company = await self._directory.find(db, slug)
        return company if company is not None and (company.is_active or even_closed) else None

    async def default_company(self, db: Reader) -> Company:
        """The company of requests that name none; remembered like `by_slug`. Raises NoDefaultCompany."""
        company = await self.by_slug(db, self._default_slug)
        if company is None:
            raise NoDefaultCompany(self._default_slug)
        return company

    async def current(self, db: Reader) -> Company:
        """The company that the handle reads as; remembered like `by_slug`. Raises CompanyNotFound."""
        company = None if db.company_id is None else await self._directory.find(db, db.company_id)
        if company is None:
            raise CompanyNotFound
        return company

    async def currency(self, db: Reader) -> str:
        """The currency of the handle's company, held as `unit_prices` are. Raises CompanyNotFound."""
        return (await self.unit_prices(db)).currency

    async def unit_prices(self, db: Reader) -> UnitPrices:
        """The currency of the handle's company, and how many decimals its unit prices may have.

        In a transaction, which may write amounts, it takes one statement and holds: nobody changes them until the
        transaction ends. Elsewhere they are remembered like `by_slug`. Raises CompanyNotFound.
        """
        if not isinstance(db, Tx):
            company = await self.current(db)
            return UnitPrices.of(company.currency, company.unit_price_decimals)
        found = None if db.company_id is None else await sql.unit_prices_held(db, db.company_id)
        if found is None:
            raise CompanyNotFound
        return found

    async def update_settings(self, tx: Tx, actor: Actor, changes: SettingsChanges) -> Company:
        """Change settings of the actor's company; amounts in its currency, the tax rate as a fraction.

        Raises CurrencyFrozen once the company holds any amount, PricesTooFine while prices have more decimals than
        they may have from now on, and InvalidInput, Required or TooLong by setting. Emits company.updated.
        """
        company = await self._locked(tx, actor.company_id)
        checked = settings.checked(changes, company)
        with collect_errors() as each:
            with each:
                await self._require_no_money(tx, company, checked)
            with each:
                await self._require_prices(tx, company, checked)
        return await self._update(tx, company, checked)

    async def _require_no_money(self, tx: Tx, company: Company, checked: settings.Settings) -> None:
        """Raise CurrencyFrozen when the currency changes and there are amounts in the old one."""
        if checked.get("currency", company.currency) != company.currency:
            await data.company.find_unique(tx, id=company.id, lock=True)  # waits for whoever writes amounts
            if await sql.has_money(tx, company.id):
                raise CurrencyFrozen(company.currency)

    async def _require_prices(self, tx: Tx, company: Company, checked: settings.Settings) -> None:
        """Raise PricesTooFine when prices that are there have more decimals than they may have from now on."""
        currency = checked.get("currency", company.currency)
        decimals = UnitPrices.of(currency, checked.get("unit_price_decimals", company.unit_price_decimals)).decimals
        if decimals < UnitPrices.of(company.currency, company.unit_price_decimals).decimals:
            await data.company.find_unique(tx, id=company.id, lock=True)  # waits for whoever writes prices
            finer = await sql.product_priced_finer(tx, company.id, decimals)
            if finer is not None:
                raise PricesTooFine(decimals, finer)

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
        company = await data.company.find_unique(db, id=company_id)
        if company is None or not (actor.runs_the_platform or company.id == actor.company_id):
            raise CompanyNotFound
        return company

    async def create_company(
        self, tx: Tx, actor: Actor, *, slug: str | None = None, changes: SettingsChanges
    ) -> Company:
        """Open a company, in a transaction of the platform; settings that are not given have their defaults.

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
        self._directory.forget()
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
        self._directory.forget()
        event = events.CompanyActivated if active else events.CompanyDeactivated
        tx.emit(event(company_id=company.id))
        return await data.company.update(tx, id=company.id, data={"is_active": active})

    async def _locked(self, tx: Tx, company_id: UUID) -> Company:
        company = await sql.held(tx, company_id)
        if company is None:
            raise CompanyNotFound
        return company

    async def _update(self, tx: Tx, company: Company, checked: Mapping[str, object]) -> Company:
        changed = sorted(name for name, value in checked.items() if getattr(company, name) != value)
        if not changed:
            return company
        self._directory.forget()
        try:
            updated = await data.company.update(tx, id=company.id, data=cast("CompanyUpdate", checked))
        except asyncpg.UniqueViolationError as error:
            raise SlugTaken(str(checked["slug"])) from error
        tx.emit(events.CompanyUpdated(company_id=company.id, changed=changed))
        return updated

    def _require_not_default(self, company: Company, field: str) -> None:
        if company.slug == self._default_slug:
            raise DefaultCompanyFixed(field)


def _require_platform(actor: Actor) -> None:
    if not actor.runs_the_platform:
        raise PermissionDenied("Companies are opened and closed by the platform's super administrator.")
