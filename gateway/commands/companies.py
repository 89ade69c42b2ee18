"""The company that a command works on."""

from domains.company.models import Company
from domains.kernel.errors import NotFound
from gateway.bootstrap import Platform


async def company_of(platform: Platform, slug: str | None) -> Company:
    """The active company with this slug, or the default one. Raises NotFound."""
    companies, reader = platform.services.company, platform.database.reader(None)
    company = await (companies.default_company(reader) if slug is None else companies.by_slug(reader, slug))
    if company is None:
        raise NotFound(f"There is no active company {slug!r}.")
    return company
