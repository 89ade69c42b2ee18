"""The products that users have bought, by which reviews are verified."""

from collections.abc import Collection
from uuid import UUID

from domains.kernel.database import Tx
from domains.review import data, sql


class Purchases:
    """Records purchases and cancelled purchases."""

    async def record(
        self, tx: Tx, *, user_id: UUID, order_id: UUID, product_ids: Collection[UUID], is_valid: bool = True
    ) -> None:
        """Record the products that a user bought with an order, or remove them if the order is not `is_valid`.

        An order that was cancelled or refunded in full is not valid. The user's existing reviews of the products are
        verified while a purchase is recorded. Repeating a call changes nothing. Three statements.
        """
        await sql.lock_buyer(tx, user_id)
        if is_valid:
            rows: list[data.ProductPurchaseCreate] = [
                {"product_id": product_id, "user_id": user_id, "order_id": order_id} for product_id in product_ids
            ]
            await data.product_purchase.create_many(tx, rows, skip_duplicates=True)
        else:
            where: data.ProductPurchaseWhere = {
                "product_id": {"in": list(product_ids)},
                "user_id": user_id,
                "order_id": order_id,
            }
            await data.product_purchase.delete_many(tx, where=where)
        await sql.verify_reviews(tx, user_id, product_ids)
