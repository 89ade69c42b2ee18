"""The company of a request or a command: the one that its slug names, or the default company."""

import re
from typing import Final

from domains.company.models import Company
from domains.company.service import CompanyService
from domains.kernel.database import Database
from domains.kernel.errors import NotFound

SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


class UnknownCompany(NotFound):
    """No company has this slug, or no active one where it must be active."""

    def __init__(self, slug: str, *, even_closed: bool) -> None:
        super().__init__(f"There is no {'' if even_closed else 'active '}company {slug[:100]!r}.", field=("company",))


class Companies:
    """Finds the company that a slug names: of the `X-Company` header of a request, or of a command's `--company`."""

    def __init__(self, companies: CompanyService, db: Database) -> None:
        self._companies = companies
        self._reader = db.reader(None)

    async def find(self, slug: str | None, *, even_closed: bool = False) -> Company:
        """The active company of this slug, the default one for None; with `even_closed` an inactive one too.

        A company that was found in the last seconds costs no statement. Raises UnknownCompany and NoDefaultCompany.
        """
        if slug is None:
            return await self._companies.default_company(self._reader)
        is_slug = SLUG.fullmatch(slug) is not None
        found = await self._companies.by_slug(self._reader, slug, even_closed=even_closed) if is_slug else None
        if found is None:
            raise UnknownCompany(slug, even_closed=even_closed)
        return found
