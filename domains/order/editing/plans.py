"""Plans of edits: what is changed of an order, if it is allowed, and the amounts that follow. Nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass

from domains.kernel.clock import Clock
from domains.kernel.database import Reader
from domains.kernel.errors import DuplicateValue, OutOfRange, TooMany
from domains.kernel.text.validation import Required
from domains.kernel.validation import collect_errors, prefix_errors
from domains.kernel.values.money import require_amount
from domains.order import data, lifecycle
from domains.order.checkout.buyers import entered_address
from domains.order.editing import tax_places
from domains.order.editing.amounts import NOTHING, EditedLine, OrderedLine, ShippingParts
from domains.order.editing.contents import ContentsReader, OrderContents, Refunded
from domains.order.editing.errors import (
    AddressNotEditable,
    DigitalUnitsDelivered,
    LineNotSold,
    LinePacked,
    LineRefunded,
    LineRemoved,
    NothingLeft,
    OrderNotEditable,
)
from domains.order.editing.line_terms import LineTerms
from domains.order.editing.models import MAX_LINES, EditPlan, LineChange, NewEdit
from domains.order.editing.new_lines import MAX_UNITS, BuiltLines, NewLines
from domains.order.errors import OrderItemNotFound, PriceChanged
from domains.order.models import Order
from domains.order.summary import OrderFacts
from domains.payment.errors import PaymentInProgress
from domains.shipping.delivery_dates import DeliveryDates
from domains.shipping.service import ShippingService

NO_REFUND = Refunded()


class EditPlans:
    """Plans edits of orders."""

    def __init__(
        self, contents: ContentsReader, new_lines: NewLines, shipping: ShippingService, clock: Clock
    ) -> None:
        self._contents = contents
        self._new_lines = new_lines
        self._shipping = shipping
        self._clock = clock

    async def of(self, db: Reader, order: Order, new: NewEdit) -> EditPlan:
        """The plan of an edit of an order. About ten statements.

        Raises OrderNotEditable, PaymentInProgress; Required for no change and TooMany beyond 250 lines; then for all
        changes at once OrderItemNotFound, DuplicateValue, OutOfRange, LinePacked, LineRefunded, LineRemoved,
        LineNotSold, DigitalUnitsDelivered, TooManyDecimals, AddressNotEditable, TaxPlaceUnknown, and Required,
        TooLong and InvalidInput for the address; then NothingLeft and PriceChanged.
        """
        require_editable(order)
        _require_changes(new)
        contents = await self._contents.of(db, order)
        built = BuiltLines()
        with collect_errors() as each:
            with each:
                changes = _changes(contents, new.changes)
            with each:
                address = _address(contents, new)
                terms = await self._terms(db, contents, new, address)
                built = await self._built(db, order, new, terms)
        delivery = await self._delivery(db, order, terms) if address is not None and terms is not None else None
        plan = _Draft(contents, terms, built, address, delivery).plan(changes)
        _require_left(contents, plan)
        _require_expected(new, plan)
        return plan

    async def _delivery(self, db: Reader, order: Order, terms: LineTerms) -> DeliveryDates | None:
        """When goods arrive at a new address that are ordered now; None where the method has no estimate."""
        days = next(each.estimated_days for each in terms.shipping.methods if each.id == order.shipping_method_id)
        calendar = await self._shipping.calendar(db)
        return None if days is None else calendar.dates(self._clock.now(), days.minimum, days.maximum)

    async def _built(self, db: Reader, order: Order, new: NewEdit, terms: LineTerms | None) -> BuiltLines:
        """The lines that are added."""
        if terms is None:
            return BuiltLines()
        with prefix_errors(("add_lines",)):
            built = await self._new_lines.build(db, order.id, new.add_lines, terms)
            if built.digital_units and order.paid_at is not None:
                raise DigitalUnitsDelivered(field=())
            return built

    async def _terms(
        self, db: Reader, contents: OrderContents, new: NewEdit, address: data.OrderAddressCreate | None
    ) -> LineTerms | None:
        """How lines are taxed at the new address, or where the order is taxed; None where no line needs it."""
        order = contents.order
        if address is not None:
            place = tax_places.NewPlace(address["country"], address.get("province"), address["postal_code"])
            terms = await self._new_lines.terms(db, order, place)
            tax_places.require_kept(order, terms)
            return terms
        changed = [contents.lines.get(change.order_item_id) for change in new.changes]
        if not new.add_lines and all(line is None or line.taxes for line in changed):
            return None
        at = order.shipping_address_id or order.billing_address_id
        return await self._new_lines.terms(
            db, order, await data.order_address.find_unique(db, id=at) if at is not None else None
        )


@dataclass(frozen=True, slots=True)
class _Draft:
    """What an edit is made of: the contents of the order, and what is added to it."""

    contents: OrderContents
    terms: LineTerms | None
    built: BuiltLines
    address: data.OrderAddressCreate | None
    delivery: DeliveryDates | None

    def plan(self, changes: Sequence[LineChange]) -> EditPlan:
        """The plan with these changes of lines. Raises LineRefunded."""
        order, wanted = self.contents.order, {change.order_item_id: change.quantity for change in changes}
        touched = self.contents.lines if self.address is not None else wanted
        edited = [self._edited(self.contents.lines[item_id], wanted.get(item_id)) for item_id in touched]
        with collect_errors() as each:
            for line in edited:
                with each:
                    _require_above_refunds(line, self.contents.refunded.get(line.item.id, NO_REFUND))
        return EditPlan(
            order=order,
            lines=edited,
            built=self.built,
            shipping=self._shipping(edited),
            address=self.address,
            delivery=self.delivery,
            terms=self.terms,
            contents=self.contents,
        )

    def _edited(self, line: OrderedLine, wanted: int | None) -> EditedLine:
        """A line with its new units; at the taxes of the new place, or else at its own."""
        rates = line.rates
        if self.terms is not None and (self.address is not None or not rates):
            rates = tax_places.taxes_of(self.terms, self.contents, line)
        return line.with_wanted(line.wanted if wanted is None else wanted, rates)

    def _shipping(self, edited: Sequence[EditedLine]) -> ShippingParts:
        order = self.contents.order
        tax = sum((row.amount for row in self.contents.shipping_taxes), NOTHING)
        if self.address is None or self.terms is None:
            return ShippingParts(order.shipping_cost, tax)
        return tax_places.shipping(self.terms, self.contents, edited, self.built, tax)


def require_editable(order: Order) -> None:
    """Raise OrderNotEditable, or PaymentInProgress while an attempt to pay it has no answer."""
    facts = OrderFacts.of(order)
    if facts.open_attempts:
        raise PaymentInProgress
    if not lifecycle.may_edit(facts):
        raise OrderNotEditable(order.status)


def _require_changes(new: NewEdit) -> None:
    if not new.add_lines and not new.changes and new.shipping_address is None:
        raise Required("Give lines to add, changes of lines, or a shipping address.", field=("changes",))
    for name, lines in (("add_lines", new.add_lines), ("changes", new.changes)):
        if len(lines) > MAX_LINES:
            raise TooMany(f"An edit has at most {MAX_LINES} lines.", field=(name,))


def _changes(contents: OrderContents, changes: Sequence[LineChange]) -> list[LineChange]:
    """The changes that change something. Raises for all of them at once."""
    known = set()
    with collect_errors() as each:
        for position, change in enumerate(changes):
            with each, prefix_errors(("changes", str(position))):
                if change.order_item_id in known:
                    raise DuplicateValue("This line of the order is given twice.", field=("order_item_id",))
                known.add(change.order_item_id)
                _require_allowed(contents, change)
    return [change for change in changes if change.quantity != contents.lines[change.order_item_id].wanted]


def _require_allowed(contents: OrderContents, change: LineChange) -> None:
    line = contents.lines.get(change.order_item_id)
    if line is None:
        raise OrderItemNotFound
    if not 0 <= change.quantity <= MAX_UNITS:
        raise OutOfRange(f"The quantity must be between 0 and {MAX_UNITS:,}.", field=("quantity",))
    if change.quantity == line.wanted:
        return
    if not line.wanted:
        raise LineRemoved
    if not line.item.requires_shipping and contents.order.paid_at is not None:
        raise DigitalUnitsDelivered
    if change.quantity < (packed := contents.packed.get(line.item.id, 0)):
        raise LinePacked(packed)
    if change.quantity < (refunded := contents.refunded.get(line.item.id, NO_REFUND)).units:
        raise LineRefunded(refunded.units)
    offer = contents.offers.get(line.item.id)
    if change.quantity > line.wanted and (offer is None or not offer.is_sold):
        raise LineNotSold(line.item.product_name, field=("order_item_id",))


def _address(contents: OrderContents, new: NewEdit) -> data.OrderAddressCreate | None:
    """The new address. Raises AddressNotEditable, and as `entered_address`."""
    if new.shipping_address is None:
        return None
    if contents.order.pickup_warehouse_id is not None or contents.order.shipping_address_id is None:
        raise AddressNotEditable("The goods of this order are not sent")
    if contents.packed:
        raise AddressNotEditable("A part of the order is packed: cancel its shipment first")
    if contents.is_itemized:
        raise AddressNotEditable("A part of the order was refunded with the tax of its place")
    with prefix_errors(("shipping_address",)):
        return entered_address(new.shipping_address)


def _require_above_refunds(line: EditedLine, refunded: Refunded) -> None:
    """Raise LineRefunded when a line would cost less than was refunded of it, or have less tax."""
    if line.amount.total < refunded.amount or line.amount.tax < refunded.tax:
        raise LineRefunded(refunded.units)


def _require_left(contents: OrderContents, plan: EditPlan) -> None:
    """Raise NothingLeft when no unit of the order is left, and OutOfRange for a total that is too high."""
    after = plan.after
    if after.units_ordered == after.units_dropped:
        raise NothingLeft
    for amount in (after.subtotal, after.total):
        require_amount(amount, contents.order.currency, field=("add_lines",))


def _require_expected(new: NewEdit, plan: EditPlan) -> None:
    after = plan.after
    if new.expected_total is not None and new.expected_total != after.total:
        raise PriceChanged(new.expected_total, after.total, after.currency)
