"""Personal data of settlement reports: the users who imported them, and who resolved differences."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.personal_data import Person, exported
from domains.payment import data


async def export_settlements(db: Reader, person: Person) -> Mapping[str, Any]:
    """The reports that the user imported, and the differences that the user resolved. Two statements."""
    imported: data.SettlementReportWhere = {"imported_by": {"in": person.user_ids}}
    resolved: data.SettlementDifferenceWhere = {"resolved_by": {"in": person.user_ids}}
    return {
        "settlement_reports_imported": exported(
            await data.settlement_report.find_many(db, where=imported, order_by=[{"id": "asc"}])
        ),
        "settlement_differences_resolved": exported(
            await data.settlement_difference.find_many(db, where=resolved, order_by=[{"id": "asc"}])
        ),
    }


async def give_settlements(tx: Tx, authors: Collection[UUID], user_id: UUID) -> int:
    """Replace users in reports and differences by another one; how many rows. Two statements."""
    imported: data.SettlementReportWhere = {"imported_by": {"in": list(authors)}}
    resolved: data.SettlementDifferenceWhere = {"resolved_by": {"in": list(authors)}}
    return await data.settlement_report.update_many(
        tx, where=imported, data={"imported_by": user_id}
    ) + await data.settlement_difference.update_many(tx, where=resolved, data={"resolved_by": user_id})
