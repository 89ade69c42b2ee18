"""Personal data of the payment domain: saved methods, cards and free texts of payments, refunds, the audit log."""

from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.personal_data import Erasure, Person, exported
from domains.payment import data
from domains.payment.gift_cards.personal_data import erase_cards, export_cards, give_cards
from domains.payment.saved_methods.personal_data import erase_methods, export_methods, merge_methods
from domains.payment.settlements.personal_data import export_settlements, give_settlements

ERASE_PAYMENTS: Final = """
update payments set card_last_4 = null, card_fingerprint = null, failure_message = null
where company_id = $1 and order_id = any($2)
  and num_nonnulls(card_last_4, card_fingerprint, failure_message) > 0
"""
ERASE_REFUNDS: Final = """
update refunds set reason = null, failure_message = null
where company_id = $1 and order_id = any($2) and num_nonnulls(reason, failure_message) > 0
"""
NOT_EXPORTED: Final = ("card_fingerprint",)


class PaymentDetails:
    """What payments of orders contain about the buyer. The order domain knows whose the orders are."""

    async def export(self, db: Reader, order_ids: Collection[UUID]) -> Mapping[str, Any]:
        """The payments and refunds of orders."""
        of_orders: Any = {"order_id": {"in": list(order_ids)}}
        payments = await data.payment.find_many(db, where=of_orders, order_by=[{"id": "asc"}])
        refunds = await data.refund.find_many(db, where=of_orders, order_by=[{"id": "asc"}])
        return {"payments": exported(payments, without=NOT_EXPORTED), "refunds": exported(refunds)}

    async def erase(self, tx: Tx, order_ids: Collection[UUID]) -> None:
        """Remove cards and free texts from the payments and refunds of orders. Amounts and ids stay."""
        await tx.execute(ERASE_PAYMENTS, tx.company_id, list(order_ids))
        await tx.execute(ERASE_REFUNDS, tx.company_id, list(order_ids))


async def export_person(payment: Any, db: Reader, person: Person) -> Mapping[str, Any]:
    """The saved payment methods, gift cards and store credit, and what the user did as staff.

    What a buyer paid is exported with the orders.
    """
    refunds: data.RefundWhere = {"performed_by": {"in": person.user_ids}}
    entries: data.PaymentAuditLogWhere = {"user_id": {"in": person.user_ids}}
    return {
        "payment_methods": await export_methods(db, person),
        "gift_cards": await export_cards(db, person),
        "store_credits": await payment.store_credit_owners.export(db, person),
        "refunds_made": exported(await data.refund.find_many(db, where=refunds, order_by=[{"id": "asc"}])),
        "payment_audit_logs": exported(
            await data.payment_audit_log.find_many(db, where=entries, order_by=[{"id": "asc"}])
        ),
        **await export_settlements(db, person),
    }


async def erase_person(payment: Any, tx: Tx, erasure: Erasure) -> int:
    """Remove saved payment methods and store credit, and replace the person in what stays.

    Gift cards, refunds, settlement reports and the audit log stay. The company keeps what was left of the store
    credit.
    """
    erased = await erase_methods(tx, erasure) + await erase_cards(tx, erasure)
    forfeited: int = await payment.store_credit_owners.erase(tx, erasure)
    erased += forfeited
    erased += await give_settlements(tx, erasure.replaced_ids, erasure.erased_id)
    erased += await _give_refunds(tx, erasure.replaced_ids, erasure.erased_id)
    for user_id in erasure.replaced_ids:
        erased += await tx.fetch_value("select erase_payment_audit_users($1, $2)", user_id, erasure.erased_id)
    return erased


async def merge_person(payment: Any, tx: Tx, person: Person, user_id: UUID) -> int:
    """Move the saved payment methods and the store credit, and what the user did as staff.

    The audit log keeps the user who acted.
    """
    moved: int = await payment.store_credit_owners.merge(tx, person, user_id)
    moved += await merge_methods(tx, person, user_id) + await give_cards(tx, person.user_ids, user_id)
    moved += await give_settlements(tx, person.user_ids, user_id)
    return moved + await _give_refunds(tx, person.user_ids, user_id)


async def _give_refunds(tx: Tx, authors: Collection[UUID], user_id: UUID) -> int:
    where: data.RefundWhere = {"performed_by": {"in": list(authors)}}
    return await data.refund.update_many(tx, where=where, data={"performed_by": user_id})
