"""ReturnsService: the parts of the returns domain."""

from dataclasses import dataclass

from domains.kernel.actor import Actor
from domains.kernel.database import Reader
from domains.kernel.permissions import PermissionAction
from domains.kernel.settings import SettingsTable
from domains.order.policy import may_reach
from domains.order.service import OrderService
from domains.returns.errors import ReturnRequestNotFound
from domains.returns.labels.return_labels import ReturnLabels
from domains.returns.models import ReturnRequest, ReturnSettings
from domains.returns.processing.approvals import Approvals
from domains.returns.processing.endings import Endings
from domains.returns.processing.parcels import Parcels
from domains.returns.processing.receipts import Receipts
from domains.returns.refunds.progress import RefundProgress
from domains.returns.refunds.refunds import ReturnRefunds
from domains.returns.requests.listing import ReturnListing
from domains.returns.requests.requests import Requests
from domains.returns.requests.returnables import Returnables


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnsService:
    """Returns of goods. Each part locks the order first, which guards its requests with their items."""

    settings: SettingsTable[ReturnSettings]
    listing: ReturnListing
    returnables: Returnables
    requests: Requests
    approvals: Approvals
    receipts: Receipts
    endings: Endings
    parcels: Parcels
    labels: ReturnLabels
    refunds: ReturnRefunds
    refund_progress: RefundProgress
    orders: OrderService

    async def by_number(
        self, db: Reader, actor: Actor, rma_number: str, *, token: str | None = None
    ) -> ReturnRequest:
        """A return request of the actor's order, of the order of the token, or any with ORDERS:READ. Two statements.

        Raises ReturnRequestNotFound.
        """
        request = await self.listing.by_number(db, rma_number)
        orders = await self.orders.orders_by_id(db, [request.order_id])
        if not any(may_reach(actor, order, token, PermissionAction.READ) for order in orders):
            raise ReturnRequestNotFound(field=("rma_number",))
        return request
