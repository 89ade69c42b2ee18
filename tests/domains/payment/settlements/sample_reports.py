"""A settlement report with a line and a difference, which are about no payment and move no money."""

from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.ids import new_id
from domains.payment import data
from domains.payment.models import NOTHING
from domains.payment.settlements.models import SettlementDifferenceKind, SettlementLineType


async def store_report(database: Database, company_id: UUID) -> dict[str, str]:
    """The ids of the report, its line and its difference, by kind."""
    report_id, line_id, difference_id = new_id(), new_id(), new_id()

    async def store(tx: Tx) -> None:
        await data.settlement_report.create(tx, data=_report(report_id, tx))
        await data.settlement_difference.create(tx, data=_difference(difference_id, report_id))
        await data.settlement_line.create(tx, data=_line(line_id, report_id, difference_id, tx))

    await database.run(store, Actor.system(company_id))
    return {
        "settlementReport": str(report_id),
        "settlementLine": str(line_id),
        "settlementDifference": str(difference_id),
    }


def _report(report_id: UUID, tx: Tx) -> data.SettlementReportCreate:
    return {
        "id": report_id,
        "provider": "STRIPE",
        "digest": report_id.hex * 2,
        "period_from": tx.clock.now(),
        "period_to": tx.clock.now(),
        "currency": "EUR",
        "line_count": 1,
        "gross": NOTHING,
        "fee": NOTHING,
        "net": NOTHING,
    }


def _difference(difference_id: UUID, report_id: UUID) -> data.SettlementDifferenceCreate:
    return {
        "id": difference_id,
        "report_id": report_id,
        "provider": "STRIPE",
        "type": SettlementLineType.REFUND,
        "reference": "re_1",
        "kind": SettlementDifferenceKind.MISSING_HERE,
        "amount_reported": NOTHING,
        "currency_reported": "EUR",
    }


def _line(line_id: UUID, report_id: UUID, difference_id: UUID, tx: Tx) -> data.SettlementLineCreate:
    return {
        "id": line_id,
        "report_id": report_id,
        "line": 2,
        "provider": "STRIPE",
        "external_id": "txn_1",
        "type": SettlementLineType.REFUND,
        "category": "refund",
        "gross": NOTHING,
        "fee": NOTHING,
        "net": NOTHING,
        "currency": "EUR",
        "occurred_at": tx.clock.now(),
        "reference": "re_1",
        "difference_id": difference_id,
    }
