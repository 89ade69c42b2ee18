"""Export, erasure and merging of a person's data over all domains, each of which declares its part."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from domains.auth.emails.addresses import normalize_email
from domains.auth.events import UserErased
from domains.auth.models import Account
from domains.company.models import Company
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.domain import Domain
from domains.kernel.errors import InvalidInput, NotFound
from domains.kernel.ids import new_id
from domains.kernel.personal_data import Erasure, Person, erase_traces
from gateway.services import Services, domains_of

PLATFORM: Final = UUID(int=0)


class NoPersonalData(NotFound):
    """Nothing is stored about the person."""

    def __init__(self, email: str) -> None:
        super().__init__(f"Nothing is stored about {email}.", field=("email",))


class PersonalData:
    """What all domains store about a person, who is named by an e-mail address: a user, a guest, or both.

    With a company only its rows are concerned, and the account stays. Erasing and merging is one transaction; the
    domains follow from the highest floor down, so that an order locks before what it refers to.
    """

    def __init__(self, database: Database, services: Services) -> None:
        self._db = database
        self._accounts = services.auth.accounts
        declared = domains_of(type(services)).items()
        self._domains: Sequence[tuple[Domain[Any], Any]] = [
            (each, getattr(services, name)) for name, each in declared
        ]

    async def export(self, email: str, company: Company | None = None) -> Mapping[str, Any]:
        """All that is stored about a person, in terms of JSON and without secrets. Raises NoPersonalData."""
        address = normalize_email(email)
        reader = self._db.reader(None)
        person = await self._accounts.person(reader, address)
        account = {} if company else _without_empty(await self._accounts.export(reader, person))
        companies = {}
        for company_id, slug in await self._companies(company):
            found = await self._exported(company_id, person)
            if found:
                companies[slug] = found
        if not (account or companies):
            raise NoPersonalData(address)
        return {
            "email": address,
            "exported_at": self._db.clock.now().isoformat(),
            "account": account,
            "companies": companies,
        }

    async def erase(self, email: str, company: Company | None = None) -> int:
        """Erase or anonymize all that is stored about a person; the number of rows.

        Raises OrdersOpen, LastSuperAdministrator, and NoPersonalData, also the second time. Emits user.erased.
        """
        address = normalize_email(email)
        companies = await self._companies(company)

        async def work(tx: Tx) -> int:
            user = (await self._accounts.lock(tx, address)).get(address)
            if user is not None and company is None:
                await self._accounts.require_replaceable(tx, user)
            erased_id = await self._erased_id(tx, user, company)
            erasure = _erasure(user, address, erased_id)
            count = 0
            for company_id, _ in companies:
                async with tx.in_company(company_id) as inner:
                    count += await self._erase_in_company(inner, erasure)
                    if user is not None and company is not None:
                        inner.emit(UserErased(user_id=user.id, platform=False))
            if company is None:
                count += await self._accounts.erase(tx, erasure)
            if not count:
                raise NoPersonalData(address)
            return count

        return await self._db.run(work, Actor.system(PLATFORM), platform=True)

    async def merge(self, email: str, into: str) -> int:
        """Move all that is stored about a person to another user, and erase the person's account; the number of rows.

        The other user keeps name, address, password and role. Raises NoPersonalData, NotFound for an unknown or
        disabled user to merge into, InvalidInput for the same address, and LastSuperAdministrator. Emits user.merged.
        """
        address, target_address = normalize_email(email), normalize_email(into, field=("into",))
        if address == target_address:
            raise InvalidInput("Give two different addresses.", field=("into",))
        companies = await self._companies(None)

        async def work(tx: Tx) -> int:
            accounts = await self._accounts.lock(tx, address, target_address)
            user, target = accounts.get(address), accounts.get(target_address)
            if target is None or not target.is_active:
                raise NotFound(f"There is no active account with the address {target_address}.", field=("into",))
            if user is not None:
                await self._accounts.require_replaceable(tx, user)
            erasure = _erasure(user, address, user.id if user else new_id())
            count = 0
            for company_id, _ in companies:
                async with tx.in_company(company_id) as inner:
                    for domain, service in reversed(self._domains):
                        if domain.merge_person is not None:
                            count += await domain.merge_person(service, inner, erasure.person, target.id)
                    await erase_traces(inner, erasure)
            count += await self._accounts.merge(tx, erasure, target.id)
            if not count:
                raise NoPersonalData(address)
            return count

        return await self._db.run(work, Actor.system(PLATFORM), platform=True)

    async def _exported(self, company_id: UUID, person: Person) -> dict[str, Any]:
        """What the domains export of a person in a company, without what is empty."""
        found = {}
        for domain, service in self._domains:
            if domain.export_person is not None:
                exported = await domain.export_person(service, self._db.reader(company_id), person)
                if kept := _without_empty(exported):
                    found[domain.name] = kept
        return found

    async def _erased_id(self, tx: Tx, user: Account | None, company: Company | None) -> UUID:
        """The id in place of the person's: the user's own, whose row becomes empty, unless the account stays."""
        if user is None:
            return new_id()
        return user.id if company is None else await self._accounts.create_erased(tx)

    async def _erase_in_company(self, tx: Tx, erasure: Erasure) -> int:
        count = 0
        for domain, service in reversed(self._domains):
            if domain.erase_person is not None:
                count += await domain.erase_person(service, tx, erasure)
        await erase_traces(tx, erasure)
        return count

    async def _companies(self, company: Company | None) -> list[tuple[UUID, str]]:
        """The id and slug of the company, or of all companies, inactive ones included."""
        if company is not None:
            return [(company.id, company.slug)]
        rows = await self._db.reader(None).fetch("select id, slug from companies order by id")
        return [(row["id"], row["slug"]) for row in rows]


def _without_empty(exported: Mapping[str, Any]) -> dict[str, Any]:
    return {name: rows for name, rows in exported.items() if rows}


def _erasure(user: Account | None, email: str, erased_id: UUID) -> Erasure:
    named = (user.first_name, user.last_name, user.phone) if user else ()
    return Erasure(
        person=Person(user_id=user.id if user else None, emails=(email,)),
        erased_id=erased_id,
        texts=(email, *(text for text in named if text)),
    )
