"""The company of a request or a command: the one that its slug names, or the default company."""

import re
from typing import Final

from domains.company.models import Company
from domains.company.service import CompanyService
from domains.kernel.database import Database
from domains.kernel.errors import NotFound

SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


class UnknownCompany(NotFound):
    """There is no company with this slug, or it is not active."""

    def __init__(self, slug: str, *, include_inactive: bool) -> None:
        super().__init__(
            f"There is no {'' if include_inactive else 'active '}company {slug[:100]!r}.", field=("company",)
        )


class Companies:
    """Finds a company by its slug, from the header `X-Company` of a request or the option `--company`."""

    def __init__(self, companies: CompanyService, db: Database) -> None:
        self._companies = companies
        self._reader = db.reader(None)

    async def find(self, slug: str | None, *, include_inactive: bool = False) -> Company:
        """The active company of this slug, the default one for None; with `include_inactive` an inactive one too.

        Companies are cached for seconds. Raises UnknownCompany and NoDefaultCompany.
        """
        if slug is None:
            return await self._companies.default_company(self._reader)
        is_slug = SLUG.fullmatch(slug) is not None
        found = (
            await self._companies.by_slug(self._reader, slug, include_inactive=include_inactive) if is_slug else None
        )
        if found is None:
            raise UnknownCompany(slug, include_inactive=include_inactive)
        return found

    def forget(self) -> None:
        """Read companies anew, since another process has changed one."""
        self._companies.forget_remembered()
