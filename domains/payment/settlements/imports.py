"""Imports of settlement reports: a file is read once to be checked, then stored batch by batch in one transaction."""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO, Final

from domains.company.models import Company
from domains.company.service import CompanyService
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.ids import new_id
from domains.ledger.service import LedgerService
from domains.payment import data
from domains.payment.settlements import files, sql
from domains.payment.settlements.errors import SettlementReportRefused
from domains.payment.settlements.models import (
    ImportedReport,
    Progress,
    ReportLine,
    ReportSummary,
    SettlementReport,
)
from domains.payment.settlements.postings import entries_of
from domains.payment.settlements.reconciliation import Reconciliation

BATCH: Final = 1_000
POSTED_AT_ONCE: Final = 500
"""Entries in one statement, whose number of parameters is limited."""


def ignore_progress(_lines: int, _total: int) -> None:
    """Ignore the progress."""


class SettlementImports:
    """Imports whole files or nothing, one after another in a company."""

    def __init__(self, company: CompanyService, ledger: LedgerService, reconciliation: Reconciliation) -> None:
        self._company = company
        self._ledger = ledger
        self._reconciliation = reconciliation

    async def run(
        self,
        db: Database,
        actor: Actor,
        provider: str,
        file: IO[bytes],
        *,
        on_progress: Progress = ignore_progress,
    ) -> ImportedReport:
        """Import a seekable settlement report of a provider into the actor's company, with constant memory.

        Fees, payouts and adjustments are posted to the ledger, on the day of the line. Charges, refunds and
        chargebacks are compared with the transactions of payments, and differences are stored. A line that an earlier
        report had is counted once; the same file again changes nothing and returns the earlier report.

        Raises SettlementProviderUnknown, UnreadableFile and its subclasses SettlementColumnsMissing,
        SettlementReportRefused, SettlementTotalsDiffer, SettlementCurrencyMismatch and SettlementOfAnotherCompany,
        which name the line: nothing is stored then. Seven statements, one for each 1,000 lines, 500 entries and
        1,000 differences, and two for each further 100,000 lines.
        """
        files.require_provider(provider)
        reader = db.reader(actor.company_id)
        company = await self._company.current(reader)
        digest = await asyncio.to_thread(files.digest_of, file)
        if known := await data.settlement_report.find_unique(reader, digest=digest):
            return ImportedReport(known, is_new=False)
        summary = await asyncio.to_thread(files.summary_of, file, provider, company.currency, digest)

        async def store(tx: Tx) -> ImportedReport:
            return await self._store(tx, company, provider, file, summary, on_progress)

        return await db.run(store, actor)

    async def _store(
        self, tx: Tx, company: Company, provider: str, file: IO[bytes], summary: ReportSummary, on_progress: Progress
    ) -> ImportedReport:
        await sql.lock(tx)
        if known := await data.settlement_report.find_unique(tx, digest=summary.digest):
            return ImportedReport(known, is_new=False)
        report = await data.settlement_report.create(tx, data=_row(tx.actor, provider, company.currency, summary))
        lines = files.opened(file, provider, company.currency).lines()
        repeated = read = 0
        while batch := await asyncio.to_thread(_take, lines):
            repeated += await self._add(tx, company, report, batch)
            read += len(batch)
            on_progress(read, summary.line_count)
        if repeated:
            await sql.set_repeated(tx, report.id, repeated)
            report = data.settlement_report.from_record.changed(report, {"repeated_count": repeated})
        await self._reconciliation.match(tx, report, summary.first_line)
        await self._reconciliation.compare(tx, report, is_complete=summary.has_charges)
        return ImportedReport(report, is_new=True)

    async def _add(self, tx: Tx, company: Company, report: SettlementReport, batch: Sequence[ReportLine]) -> int:
        """Add a batch of lines and their entries; how many an earlier report had."""
        _require_distinct(batch)
        ids = [new_id() for _ in batch]
        known = await sql.add_lines(tx, report.provider, report.id, ids, batch)
        for each in known:
            if each.is_in_file:
                raise _repeated(each.line, each.known_line)
            if each.is_different:
                raise SettlementReportRefused(
                    "An earlier report has this row with another type or amount. Compare both at the provider.",
                    line=each.line,
                )
        stored = {each.line for each in known}
        entries = [
            entry
            for line_id, line in zip(ids, batch, strict=True)
            if line.line not in stored
            for entry in entries_of(company, report.provider, line_id, line)
        ]
        for start in range(0, len(entries), POSTED_AT_ONCE):
            await self._ledger.post(tx, *entries[start : start + POSTED_AT_ONCE])
            await tx.flush()
        return len(known)


def _take(lines: Iterator[ReportLine]) -> list[ReportLine]:
    return list(islice(lines, BATCH))


def _require_distinct(batch: Sequence[ReportLine]) -> None:
    """Raise SettlementReportRefused for a row that occurs twice in a batch."""
    seen: dict[str, int] = {}
    for line in batch:
        if (first := seen.setdefault(line.external_id, line.line)) != line.line:
            raise _repeated(line.line, first)


def _repeated(line: int, first: int) -> SettlementReportRefused:
    return SettlementReportRefused(f"The row has the same id as that of line {first}.", line=line)


def _row(actor: Actor, provider: str, currency: str, summary: ReportSummary) -> data.SettlementReportCreate:
    return {
        "id": new_id(),
        "provider": provider,
        "digest": summary.digest,
        "account_id": summary.account_id,
        "period_from": summary.period_from,
        "period_to": summary.period_to,
        "currency": currency,
        "line_count": summary.line_count,
        "gross": summary.gross,
        "fee": summary.fee,
        "net": summary.net,
        "imported_by": actor.user_id,
    }
