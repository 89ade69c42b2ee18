"""Gift cards and store credit at the checkout: what they pay, and its capture in the order's own transaction."""

from collections.abc import Sequence
from decimal import Decimal

from domains.cart.models import CartContents
from domains.cart.tenders.models import payable_by_tenders
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.fail_points import reach
from domains.kernel.values.money import round_half_up
from domains.order.errors import TenderBalanceChanged
from domains.order.models import Order
from domains.order.payments.acceptance import Acceptance
from domains.order.payments.outcomes import PaymentOutcomes
from domains.order.sales.sold_order import SoldOrder
from domains.order.transitions import Step
from domains.payment.models import NOTHING, PaymentMethod
from domains.payment.service import PaymentService
from domains.payment.tenders.models import TenderSpend
from domains.pricing.models import Quote


class CheckoutTenders:
    """Locks the balances of a cart's tenders and captures what they pay.

    They are locked after the cart, and before the stock and the promotions.
    """

    def __init__(self, payment: PaymentService, acceptance: Acceptance, outcomes: PaymentOutcomes) -> None:
        self._payment = payment
        self._acceptance = acceptance
        self._outcomes = outcomes

    async def spends(
        self, tx: Tx, contents: CartContents, totals: Quote, expected_due: Decimal | None
    ) -> Sequence[TenderSpend]:
        """What the tenders of a cart pay of its order, with their balances locked until the transaction ends.

        `expected_due` is what the buyer expects to be left, otherwise the cart says what it has shown. Raises
        TenderBalanceChanged when more is left. No statement for a cart without tenders, two at most for any other.
        """
        if not contents.has_tenders:
            return ()
        user_id = contents.cart.user_id if contents.cart.use_store_credit else None
        tenders = await self._payment.tenders.lock(tx, contents.gift_card_ids, user_id)
        payable = payable_by_tenders(contents, totals)
        spends = self._payment.tenders.spends(payable, tenders)
        due = totals.total - sum((spend.amount for spend in spends), NOTHING)
        if expected_due is None:
            expected_due = _shown_due(contents, totals, payable)
        usable = {tender.id for tender in tenders if tender.balance}
        is_lost = expected_due is None and not usable.issuperset(contents.gift_card_ids)
        if is_lost or (expected_due is not None and due > expected_due):
            raise TenderBalanceChanged(expected_due, due, totals.currency)
        reach("checkout.tenders_locked")
        return spends

    async def settle(
        self, tx: Tx, actor: Actor, order: Order, spends: Sequence[TenderSpend], sold: SoldOrder
    ) -> Order:
        """Capture what tenders pay of a new order with its stock reserved, or deliver a free one of digital goods.

        The captures are written by the last statement of `tx`, with the sale. A part accepts no order: it keeps its
        time limit. Returns the order after it. Emits PaymentCaptured, and OrderPaid when nothing is due; and as
        `Acceptance.deliver_free`.
        """
        if not spends:
            return await self._acceptance.deliver_free(tx, actor, order, sold)
        payments = await self._payment.tenders.capture(tx, order.id, spends)
        steps = [Step({}, _comment(spend), is_noted=True) for spend in spends]
        captures = list(zip(payments, steps, strict=True))
        return await self._outcomes.record_tenders(tx, actor, order, captures, sold)


def _shown_due(contents: CartContents, totals: Quote, payable: Decimal) -> Decimal | None:
    """The amount due by what the tenders of the cart paid when it was last shown; None when it was not shown."""
    cart = contents.cart
    if cart.quoted_total is None or cart.quoted_due is None:
        return None
    return totals.total - min(cart.quoted_total - cart.quoted_due, payable)


def _comment(spend: TenderSpend) -> str:
    tender = spend.tender
    name = f"Gift card ending in {tender.label}" if tender.kind is PaymentMethod.GIFT_CARD else "Store credit"
    return f"{name}: {round_half_up(spend.amount, tender.currency):f} {tender.currency}"
