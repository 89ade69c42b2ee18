"""What the database keeps, for tests of what it must not keep."""

from typing import Any, Final

TABLES: Final = "select tablename from pg_tables where schemaname = 'public' order by tablename"


async def stored(owner: Any) -> str:
    """All rows of all tables, as text."""
    texts = []
    for table in await owner.fetch(TABLES):
        texts += [row[0] for row in await owner.fetch(f"select t::text from {table['tablename']} t")]  # noqa: S608 - names of the catalogue
    return "\n".join(texts)
