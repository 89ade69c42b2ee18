"""Reconciliation: the lines of settlement reports are compared with the transactions of payments."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.text.validation import LINE_LENGTH, require_text
from domains.payment import data
from domains.payment.settlements import sql
from domains.payment.settlements.errors import (
    SettlementDifferenceClosed,
    SettlementDifferenceNotFound,
    SettlementOfAnotherCompany,
    SettlementReportNotFound,
)
from domains.payment.settlements.models import (
    SettlementDifference,
    SettlementDifferenceStatus,
    SettlementLineType,
    SettlementReport,
)

WRITE_BATCH: Final = 1_000
OPEN_BATCH: Final = 5_000
"""The differences that one run of the job compares, those that were compared longest ago."""


class Reconciliation:
    """Finds and clears differences. A charge, a refund or a dispute has one difference at most."""

    async def match(self, tx: Tx, report: SettlementReport, first_line: int) -> None:
        """Match the lines of a new report. Raises SettlementOfAnotherCompany when it is none of the company.

        It is one when a line matches, or was in an earlier report; a report without payments, when there were
        payments at the provider. Two statements, and one more for each further 100,000 lines.
        """
        await sql.match_report(tx, report)
        found = await sql.belonging(tx, report)
        is_known = report.repeated_count or (found["matched"] if found["payments"] else found["has_transactions"])
        if not is_known:
            raise SettlementOfAnotherCompany(line=found["first_line"] or first_line)

    async def compare(self, tx: Tx, report: SettlementReport, *, is_complete: bool) -> None:
        """Compare a report whose lines were matched. A complete one has all movements of its period.

        One statement for each 100,000 lines, and one for each 1,000 differences.
        """
        compared: list[Mapping[str, Any]] = []  # before any is written, which would change the plan of the next part
        for part in sql.parts_of(report):
            compared += await sql.compare_report(tx, report, part, is_complete=is_complete)
        await _write(tx, report.id, compared)

    async def reconcile(self, tx: Tx, report_id: UUID) -> SettlementReport:
        """Compare a report again, when payments have changed since its import. Raises SettlementReportNotFound.

        Five statements, one for each 1,000 differences, and two for each further 100,000 lines.
        """
        await sql.lock(tx)
        report = await data.settlement_report.find_unique(tx, id=report_id)
        if report is None:
            raise SettlementReportNotFound
        await sql.match_report(tx, report)
        charges: data.SettlementLineWhere = {"report_id": report_id, "type": SettlementLineType.CHARGE}
        has_charges = bool(await data.settlement_line.find_many(tx, where=charges, take=1))
        await self.compare(tx, report, is_complete=has_charges)
        return report

    async def reconcile_open(self, db: Database, actor: Actor) -> int:
        """Compare the open differences again; how many are compared. Nothing while a report is being imported.

        A webhook that arrives after a report clears what it explains. One statement where nothing is open, else four,
        and one for each 1,000.
        """
        where: data.SettlementDifferenceWhere = {"status": SettlementDifferenceStatus.OPEN}
        if not await data.settlement_difference.find_many(db.reader(actor.company_id), where=where, take=1):
            return 0
        return await db.run(_reconcile_open, actor)

    async def resolve(self, tx: Tx, actor: Actor, difference_id: UUID, reason: str) -> SettlementDifference:
        """Mark an open difference as resolved, and why; what is due in the ledger is posted there by hand.

        Raises SettlementDifferenceNotFound, SettlementDifferenceClosed, and Required, TooLong and InvalidInput for
        the reason. Two statements.
        """
        text = require_text(reason, field=("reason",), max_length=LINE_LENGTH)
        difference = await data.settlement_difference.find_unique(tx, id=difference_id, lock=True)
        if difference is None:
            raise SettlementDifferenceNotFound
        if difference.status is not SettlementDifferenceStatus.OPEN:
            raise SettlementDifferenceClosed
        changes: data.SettlementDifferenceUpdate = {
            "status": SettlementDifferenceStatus.RESOLVED,
            "reason": text,
            "resolved_by": actor.user_id,
            "resolved_at": tx.clock.now(),
        }
        resolved = await data.settlement_difference.update(tx, id=difference_id, data=changes)
        return resolved or difference


async def _reconcile_open(tx: Tx) -> int:
    if not await sql.try_lock(tx):
        return 0
    await sql.match_open(tx)
    compared = await sql.compare_open(tx, OPEN_BATCH)
    await _write(tx, None, compared)
    return len(compared)


async def _write(tx: Tx, report_id: UUID | None, compared: Sequence[Mapping[str, Any]]) -> None:
    for start in range(0, len(compared), WRITE_BATCH):
        await sql.write(tx, report_id, compared[start : start + WRITE_BATCH])
