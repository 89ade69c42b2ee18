"""The privileges of the database roles on tables, and how those of a database differ."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from domains.kernel.prisma.privileges import ALL, Privileges
from gateway.infra.postgres import GATEWAY_ROLE, RELAY_ROLE

NONE: Final[Privileges] = frozenset()
# Requests have all privileges on the tables that are not here and that no domain restricts, and the relay none.
OF_GATEWAY: Final[Mapping[str, Privileges]] = {
    "_prisma_migrations": NONE,
    "job_runs": NONE,
}
OF_RELAY: Final[Mapping[str, Privileges]] = {
    "_prisma_migrations": frozenset({"SELECT"}),
    "idempotency_keys": frozenset({"SELECT", "DELETE"}),
    "inbox_entries": frozenset({"SELECT", "DELETE"}),
    "job_runs": frozenset({"SELECT", "INSERT", "UPDATE"}),
    "outbox_events": frozenset({"SELECT", "UPDATE", "DELETE"}),
    "queued_notifications": frozenset({"SELECT", "UPDATE", "DELETE"}),
    "webhook_deliveries": frozenset({"SELECT", "INSERT", "UPDATE"}),
    "webhook_endpoints": frozenset({"SELECT"}),
    "webhook_positions": frozenset({"SELECT", "UPDATE"}),
    "webhook_slots": frozenset({"SELECT", "UPDATE"}),
}
KNOWN: Final = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
ACTUAL: Final = """
select relname as table, oid::regclass::text as name, role,
       array(select one from unnest($2::text[]) as one where has_table_privilege(role, oid, one)) as held
from pg_class cross join unnest($1::text[]) role
where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
  and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = oid and deptype = 'e')
order by relname, role
"""
DEFAULTS: Final = """
select distinct quote_ident(pg_get_userbyid(defaclrole)) as owner, grantee::regrole::text as role,
       case defaclnamespace when 0 then '' else ' in schema ' || defaclnamespace::regnamespace end as place
from pg_default_acl cross join aclexplode(defaclacl)
where defaclobjtype = 'r' and grantee = any($1::regrole[]) and defaclnamespace in (0, 'public'::regnamespace)
"""


async def corrections(connection: Any, restricted: Mapping[str, Privileges]) -> Sequence[str]:
    """The statements that give both roles their privileges on each table; none when they have exactly these.

    `restricted` are the tables of domains on which requests do not have all privileges. A table that requests may not
    use at all, and that is not listed, belongs to another program.
    """
    roles = [GATEWAY_ROLE, RELAY_ROLE]
    found = [_revoked_default(row) for row in await connection.fetch(DEFAULTS, roles)]
    for row in await connection.fetch(ACTUAL, roles, KNOWN):
        held, wanted = frozenset(row["held"]), _wanted(row["role"], row["table"], restricted)
        if held or wanted is not ALL:
            found += _statements(row, held, wanted)
    return found


def _wanted(role: str, table: str, restricted: Mapping[str, Privileges]) -> Privileges:
    if role == RELAY_ROLE:
        return OF_RELAY.get(table, NONE)
    return ({**restricted, **OF_GATEWAY}).get(table, ALL)


def _statements(row: Any, held: Privileges, wanted: Privileges) -> Iterator[str]:
    if too_many := held - wanted:
        yield f"revoke {_listed(too_many)} on {row['name']} from {row['role']}, public;"
    if missing := wanted - held:
        yield f"grant {_listed(missing)} on {row['name']} to {row['role']};"


def _listed(privileges: Privileges) -> str:
    return ", ".join(privilege.lower() for privilege in KNOWN if privilege in privileges)


def _revoked_default(row: Any) -> str:
    return f"alter default privileges for role {row['owner']}{row['place']} revoke all on tables from {row['role']};"
