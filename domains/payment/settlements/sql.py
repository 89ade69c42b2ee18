"""SQL of settlement reports that the generated verbs cannot express; the company is always its first parameter."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.ids import new_id
from domains.payment.settlements.models import ReportLine, SettlementReport

# The last number separates these keys from those of other advisory locks.
KEY: Final = "hashtextextended($1::uuid::text, 15)"
LOCK: Final = f"select pg_advisory_xact_lock({KEY})"
TRY_LOCK: Final = f"select pg_try_advisory_xact_lock({KEY})"
PAYMENT_TYPES: Final = "('CHARGE', 'REFUND', 'CHARGEBACK', 'CHARGEBACK_REVERSAL')"

# Lines that are stored already are returned and not added.
ADD_LINES: Final = """
with given as (
  select * from unnest($5::uuid[], $6::integer[], $7::text[], $8::text[], $9::text[], $10::numeric[], $11::numeric[],
    $12::numeric[], $13::text[], $14::timestamptz[], $15::timestamptz[], $16::text[], $17::text[])
  as g (id, line, external_id, type, category, gross, fee, net, currency, occurred_at, available_at, reference,
    payment_reference)),
known as (
  select g.line, l.report_id = $3 as is_in_file, l.line as known_line,
    (l.type::text, l.gross, l.fee, l.net, l.currency) is distinct from
      (g.type, g.gross, g.fee, g.net, g.currency::char(3)) as is_different
  from given g
  join settlement_lines l on l.company_id = $1 and l.provider = $2 and l.external_id = g.external_id),
added as (
  insert into settlement_lines (id, company_id, report_id, line, provider, external_id, type, category, gross, fee,
    net, currency, occurred_at, available_at, reference, payment_reference, created_at)
  select g.id, $1, $3, g.line, $2, g.external_id, g.type::settlement_line_type, g.category, g.gross, g.fee, g.net,
    g.currency, g.occurred_at, g.available_at, g.reference, g.payment_reference, $4
  from given g where g.line not in (select line from known))
select * from known order by line
"""


def _family(table: str) -> str:
    """SQL for what a line is compared with: a charge, a refund or a chargeback."""
    return f"(case {table}.type when 'CHARGEBACK_REVERSAL' then 'CHARGEBACK' else {table}.type end)"


def _here(group: str) -> str:
    """SQL that is true for the transactions `t` of a group with `provider`, `type` and `reference`."""
    return f"""t.company_id = $1 and t.provider = {group}.provider and t.provider_transaction_id = {group}.reference
    and case {group}.type when 'CHARGE' then t.type in ('CHARGE', 'CAPTURE') when 'REFUND' then t.type = 'REFUND'
      else t.type = 'CHARGEBACK' end"""


def _in_part(reference: str, parts: str, part: str) -> str:
    """SQL that is true for the references of one of several parts of a report."""
    return f"(hashtextextended({reference}, 0) & 2147483647) % {parts}::integer = {part}::integer"


PART: Final = 100_000
"""The lines of a report that one statement matches or compares, about: its time is limited."""
OF_REPORT: Final = f"l.report_id = $2 and {_in_part('l.reference', '$3', '$4')}"
OF_OPEN: Final = """l.difference_id in (
    select id from settlement_differences where company_id = $1 and status = 'OPEN' and kind = 'MISSING_HERE')"""
MATCH: Final = f"""
update settlement_lines l set transaction_id = m.transaction_id
from (
  select l.id, (
    select t.id from payment_transactions t cross join (select l.provider, {_family("l")} as type, l.reference) g
    where {_here("g")} order by t.status desc, t.id desc limit 1) as transaction_id
  from settlement_lines l
  where l.company_id = $1 and l.transaction_id is null and l.type in {PAYMENT_TYPES}
    and {{which}}) m
where l.company_id = $1 and l.id = m.id and m.transaction_id is not null
"""
MATCH_REPORT: Final = MATCH.format(which=OF_REPORT)
MATCH_OPEN: Final = MATCH.format(which=OF_OPEN)

# Whether a report is of the company: how many of its lines are about payments, and how many of those match.
BELONGS: Final = f"""
select count(*) filter (where type in {PAYMENT_TYPES}) as payments,
  count(transaction_id) as matched, min(line) filter (where type in {PAYMENT_TYPES}) as first_line,
  exists (select from payment_transactions where company_id = $1 and provider = $3) as has_transactions
from settlement_lines where company_id = $1 and report_id = $2
"""

# What is compared: each charge, refund and dispute of a report, and where the report has charges ($6) also the
# transactions of its period that no report has.
GROUPS_OF_REPORT: Final = f"""
  select distinct l.provider, {_family("l")} as type, l.reference
  from settlement_lines l where l.company_id = $1 and l.report_id = $2 and l.type in {PAYMENT_TYPES}
    and {_in_part("l.reference", "$7", "$8")}
  union
  select t.provider, (case t.type when 'CAPTURE' then 'CHARGE' else t.type::text end)::settlement_line_type,
    t.provider_transaction_id
  from payment_transactions t
  where $6 and t.company_id = $1 and t.provider = $3 and t.processed_at between $4 and $5
    and t.type in ('CHARGE', 'CAPTURE', 'REFUND', 'CHARGEBACK')
    and {_in_part("t.provider_transaction_id", "$7", "$8")}
"""
GROUPS_OF_OPEN: Final = """
  select * from (
    select provider, type, reference from settlement_differences
    where company_id = $1 and status = 'OPEN' order by updated_at, id limit $2) d
"""
# A chargeback counts from its beginning until the shop wins it, everything else once it has succeeded. Each group
# reads its lines, transaction and difference by their indexes: new lines have no statistics, and joins of whole sets
# would be nested loops over them.
COMPARE: Final = f"""
with groups as materialized ({{groups}}),
compared as (
  select g.provider, g.type, g.reference, h.id as transaction_id, h.amount as amount_here,
    h.currency as currency_here, r.amount as amount_reported, r.currency as currency_reported,
    case
      when r.amount is null then case when h.amount <> 0 then 'MISSING_AT_PROVIDER' end
      when h.id is null then 'MISSING_HERE'
      when h.currency <> r.currency then 'CURRENCY_DIFFERS'
      when h.amount = r.amount then null
      when r.lines > 1 and r.first_amount = h.amount and abs(r.amount) > abs(h.amount) then 'DUPLICATE'
      else 'AMOUNT_DIFFERS' end as kind
  from groups g
  left join lateral (
    select sum(l.gross) as amount, min(l.currency) as currency, count(*) as lines,
      (array_agg(l.gross order by l.occurred_at, l.external_id))[1] as first_amount
    from settlement_lines l
    where l.company_id = $1 and l.provider = g.provider and l.reference = g.reference and {_family("l")} = g.type
  ) r on true
  left join lateral (
    select t.id, t.currency, case when t.status = 'SUCCEEDED' or (t.status = 'PENDING' and g.type = 'CHARGEBACK')
      then case g.type when 'CHARGE' then t.amount else -t.amount end else 0 end as amount
    from payment_transactions t where {_here("g")} order by t.status desc, t.id desc limit 1
  ) h on true)
select c.*, d.report_id from compared c
left join lateral (
  select report_id, status from settlement_differences
  where company_id = $1 and provider = c.provider and type = c.type and reference = c.reference limit 1
) d on true
where c.kind is not null or d.status = 'OPEN'
order by c.provider, c.type, c.reference
"""
COMPARE_REPORT: Final = COMPARE.format(groups=GROUPS_OF_REPORT)
COMPARE_OPEN: Final = COMPARE.format(groups=GROUPS_OF_OPEN)

# A difference that staff have resolved stays resolved while it is the same.
WRITE: Final = f"""
with given as (
  select * from unnest($3::uuid[], $4::uuid[], $5::text[], $6::settlement_line_type[], $7::text[], $8::uuid[],
    $9::settlement_difference_kind[], $10::numeric[], $11::text[], $12::numeric[], $13::text[])
  as g (id, report_id, provider, type, reference, transaction_id, kind, amount_here, currency_here, amount_reported,
    currency_reported)),
cleared as (
  update settlement_differences d set status = 'CLEARED', updated_at = $2
  from given g
  where d.company_id = $1 and d.provider = g.provider and d.type = g.type and d.reference = g.reference
    and g.kind is null and d.status = 'OPEN'
  returning null::uuid as id, d.provider, d.type, d.reference),
written as (
  insert into settlement_differences as d (id, company_id, report_id, provider, type, reference, transaction_id, kind,
    amount_here, currency_here, amount_reported, currency_reported, created_at, updated_at)
  select g.id, $1, g.report_id, g.provider, g.type, g.reference, g.transaction_id, g.kind, g.amount_here,
    g.currency_here, g.amount_reported, g.currency_reported, $2, $2
  from given g where g.kind is not null
  on conflict (company_id, provider, type, reference) do update set
    report_id = case d.status when 'CLEARED' then excluded.report_id else d.report_id end,
    transaction_id = excluded.transaction_id, kind = excluded.kind,
    amount_here = excluded.amount_here, currency_here = excluded.currency_here,
    amount_reported = excluded.amount_reported, currency_reported = excluded.currency_reported, updated_at = $2,
    (status, reason, resolved_by, resolved_at) = (
      select case when s.stays then d.status else 'OPEN' end, case when s.stays then d.reason end,
        case when s.stays then d.resolved_by end, case when s.stays then d.resolved_at end
      from (select d.status = 'RESOLVED' and (d.kind, d.amount_here, d.amount_reported)
        is not distinct from (excluded.kind, excluded.amount_here, excluded.amount_reported) as stays) s)
  returning d.id, d.provider, d.type, d.reference)
update settlement_lines l set difference_id = c.id
from (select * from written union all select * from cleared) c
where l.company_id = $1 and l.provider = c.provider and l.reference = c.reference
  and {_family("l")} = c.type and l.difference_id is distinct from c.id
"""
REPEATED: Final = "update settlement_reports set repeated_count = $3 where company_id = $1 and id = $2"
OPEN_COUNTS: Final = """
select report_id, count(*) from settlement_differences
where company_id = $1 and report_id = any($2::uuid[]) and status = 'OPEN' group by 1
"""
REPORTED: Final = "select provider, sum(net) from settlement_lines where company_id = $1 group by 1 order by 1"


@dataclass(frozen=True, slots=True)
class KnownLine:
    """A line of the file, by its line, that is stored already: as another line of this file, or from another one."""

    line: int
    is_in_file: bool
    known_line: int
    is_different: bool


async def lock(tx: Tx) -> None:
    """Let imports and comparisons of the company's reports run one after another."""
    await tx.execute(LOCK, tx.company_id)


async def try_lock(tx: Tx) -> bool:
    """As `lock`; False instead of waiting."""
    return bool(await tx.fetch_value(TRY_LOCK, tx.company_id))


async def add_lines(
    tx: Tx, provider: str, report_id: UUID, ids: Sequence[UUID], lines: Sequence[ReportLine]
) -> list[KnownLine]:
    """Add the lines of a report that are not known; those that are."""
    columns: Sequence[Sequence[Any]] = [
        ids,
        *([getattr(line, name) for line in lines] for name in ("line", "external_id")),
        [line.type.value for line in lines],
        *([getattr(line, name) for line in lines] for name in ("category", "gross", "fee", "net", "currency")),
        *([getattr(line, name) for line in lines] for name in ("occurred_at", "available_at")),
        *([getattr(line, name) for line in lines] for name in ("reference", "payment_reference")),
    ]
    rows = await tx.fetch(ADD_LINES, tx.company_id, provider, report_id, tx.clock.now(), *columns)
    return [KnownLine(**row) for row in rows]


async def set_repeated(tx: Tx, report_id: UUID, count: int) -> None:
    """Store how many lines of a report were known before."""
    await tx.execute(REPEATED, tx.company_id, report_id, count)


def parts_of(report: SettlementReport) -> range:
    """The parts in which a report is matched and compared; one for each 100,000 lines."""
    return range(-(-report.line_count // PART))


async def match_report(tx: Tx, report: SettlementReport) -> None:
    """Find the transactions of the lines of a report. One statement for each part."""
    for part in (parts := parts_of(report)):
        await tx.execute(MATCH_REPORT, tx.company_id, report.id, len(parts), part)


async def match_open(tx: Tx) -> None:
    """Find the transactions of the lines that had none."""
    await tx.execute(MATCH_OPEN, tx.company_id)


async def belonging(tx: Tx, report: SettlementReport) -> Mapping[str, Any]:
    """How many lines of a report are about payments, and how many of those match."""
    return dict(*await tx.fetch(BELONGS, tx.company_id, report.id, report.provider))


async def compare_report(
    tx: Tx, report: SettlementReport, part: int, *, is_complete: bool
) -> list[Mapping[str, Any]]:
    """Where a part of a report and the transactions differ, and the open differences that have ended (kind null)."""
    of_report = (report.id, report.provider, report.period_from, report.period_to, is_complete)
    rows = await tx.fetch(COMPARE_REPORT, tx.company_id, *of_report, len(parts_of(report)), part)
    return [dict(row) for row in rows]


async def compare_open(tx: Tx, limit: int) -> list[Mapping[str, Any]]:
    """As `compare_report`, of the open differences that were compared longest ago."""
    return [dict(row) for row in await tx.fetch(COMPARE_OPEN, tx.company_id, limit)]


async def write(tx: Tx, report_id: UUID | None, compared: Sequence[Mapping[str, Any]]) -> None:
    """Store differences, which are those of `report_id` unless they have a report, and clear those without a kind."""
    names = ("transaction_id", "kind", "amount_here", "currency_here", "amount_reported", "currency_reported")
    columns: list[list[Any]] = [
        [new_id() for _ in compared],
        [row["report_id"] or report_id for row in compared],
        *([row[name] for row in compared] for name in ("provider", "type", "reference", *names)),
    ]
    await tx.execute(WRITE, tx.company_id, tx.clock.now(), *columns)


async def open_counts(db: Reader, report_ids: Collection[UUID]) -> dict[UUID, int]:
    """The number of open differences of each report that has any."""
    return {row[0]: row[1] for row in await db.fetch(OPEN_COUNTS, db.company_id, list(report_ids))}


async def reported(db: Reader) -> dict[str, Decimal]:
    """The net sum of the lines of each provider."""
    return {row[0]: row[1] for row in await db.fetch(REPORTED, db.company_id)}
