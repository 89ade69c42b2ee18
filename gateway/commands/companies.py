"""The company that a command works on."""

from domains.company.models import Company
from domains.kernel.errors import NotFound
from gateway.bootstrap import Platform


async def company_of(platform: Platform, slug: str | None, *, even_closed: bool = False) -> Company:
    """The active company with this slug, or the default one; a closed one too for who only looks. Raises NotFound."""
    companies, reader = platform.services.company, platform.database.reader(None)
    if slug is None:
        return await companies.default_company(reader)
    company = await companies.by_slug(reader, slug, even_closed=even_closed)
    if company is None:
        raise NotFound(f"There is no {'' if even_closed else 'active '}company {slug!r}.")
    return company
