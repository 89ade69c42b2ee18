"""A shop whose answers are recorded: the histories of some SKUs and of a promotion that so many orders can use."""

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any, Final

from gateway.bootstrap import Platform
from gateway.infra.postgres import connected
from gateway.messaging.jobs import Jobs
from tests.faults.api import Answered, Client, Outcome, Refused, Unknown
from tests.faults.drain import pass_time
from tests.faults.linearizability.held_units import (
    DONE,
    REFUSED,
    TAKEN,
    Alter,
    Change,
    Level,
    Phase,
    Read,
    ReadOrder,
    Restock,
    Short,
    Take,
)
from tests.faults.linearizability.history import UNKNOWN, Action
from tests.faults.linearizability.history import Outcome as RecordedOutcome
from tests.faults.linearizability.recorder import Recorder
from tests.faults.shop import ADD, APPLY, CANCEL, ORDER, PAY, STATUS, STOCK, Buyer, Item, Placed, Shop

USES = "query ($code: String!) { promotions(search: $code, first: 1) { nodes { currentUsageCount } } }"
# The time of one unpaid order passes; that of its reservations is the same.
LAPSE: Final = """
with lapsed as (
  update orders set expires_at = now() - interval '1 second'
  where id = $1::uuid and status in ('PENDING', 'PAYMENT_PENDING') and expires_at is not null returning id
)
update reservations set expires_at = now() - interval '1 second'
where status = 'ACTIVE' and order_id in (select id from lapsed)
"""
MOST_REPETITIONS: Final = 100
PAUSE: Final = 0.2
EXPIRY_JOB: Final = "end unpaid orders"
SHORTAGE: Final = re.compile(r"(\d+) of '([^']+)' instead of \d+")
USED_UP: Final = "used the maximum number of times"
PHASES: Final[Mapping[str, Phase]] = {
    "PENDING": Phase.OPEN,
    "PAYMENT_PENDING": Phase.PAYING,
    "PAID": Phase.PAID,
    "CANCELLED": Phase.CANCELLED,
    "REFUNDED": Phase.CANCELLED,
    "FAILED": Phase.EXPIRED,
}
# Refusals that say nothing about units: the order's time had passed, though no job had ended it yet.
WITHOUT_EFFECT: Final = {"ORDER_EXPIRED"}


@dataclass(slots=True)
class RecordedOrder:
    """An order that a buyer tries to create: its units by SKU, and one use of the code."""

    name: str
    buyer: Buyer
    units: dict[str, int]
    placed: Placed | None = None
    is_lapsed: bool = False

    @property
    def known(self) -> Placed:
        """The order as its buyer was told of it."""
        assert self.placed is not None, "no answer told of this order"
        return self.placed


@dataclass(slots=True)
class Request:
    """A request with an idempotency key, and how its outcome is recorded."""

    who: str
    client: Client
    document: str
    given: Mapping[str, Any]
    invoked: float
    record: Callable[["Request", Outcome], None] = field(repr=False)
    is_repeated: bool = False


class RecordedShop:
    """One round in a shop: SKUs with so many units each, and a code with so many uses."""

    def __init__(self, shop: Shop, platform: Platform, url: str) -> None:
        self._shop = shop
        self._platform = platform
        self._url = url
        self._numbers: Iterator[int] = count(1)
        self.recorder = Recorder()
        self.items: Sequence[Item] = ()
        self.code = ""
        self.uses = 0
        self.limits: dict[str, int] = {}
        self.orders: list[RecordedOrder] = []
        self.unanswered: list[Request] = []

    async def stock(self, skus: int, units: int, uses: int) -> None:
        """Create the SKUs and the code."""
        self.items = await self._shop.add_items(skus, units)
        self.code, self.uses = await self._shop.add_code(uses), uses
        self.limits = {item.sku: units for item in self.items} | {self.code: uses}

    # ---- operations of clients; `who` is the client in the history

    async def buy(self, who: str, quantities: Mapping[Item, int], *, use_code: bool, first: int) -> None:
        """Fill a cart and order it, once."""
        units = {item.sku: quantity for item, quantity in quantities.items()} | ({self.code: 1} if use_code else {})
        buyer = self._shop.buyer(first=first)
        order = RecordedOrder(f"order {next(self._numbers)}", buyer, units)
        lines = [item.line(quantity) for item, quantity in quantities.items()]
        added = await self._fill(who, order, ADD, items=lines)
        if not isinstance(added, Answered):
            return
        token = added.payload["cartToken"]
        if use_code and not isinstance(
            await self._fill(who, order, APPLY, code=self.code, cartToken=token), Answered
        ):
            return
        await self._request(who, buyer.client, ORDER, buyer.order_input(token), partial(self._ordered, order))

    async def pay(self, who: str, order: RecordedOrder) -> None:
        """Pay an order by card, once."""
        buyer = order.buyer
        await self._request(who, buyer.client, PAY, buyer.pay_input(order.known), partial(self._paid, order))

    async def cancel(self, who: str, order: RecordedOrder) -> None:
        """Cancel an order, once."""
        buyer = order.buyer
        given = buyer.cancel_input(order.known)
        await self._request(who, buyer.client, CANCEL, given, partial(self._cancelled, order))

    async def expire(self, order: RecordedOrder) -> None:
        """Let the time of an unpaid order pass, and run the job that ends such orders."""
        if not order.is_lapsed:
            order.is_lapsed = True
            # Any run of the job may end it from now on, or a payment comes first.
            self._record(order, "job", Alter(Change.EXPIRE, order.name), UNKNOWN, self.recorder.now())
            async with connected(self._url) as connection:
                await connection.execute(LAPSE, order.known.id)
        jobs = Jobs(self._platform.relay_pool, [], self._platform.database.clock)
        job = next(each for each in self._platform.jobs if each.name == EXPIRY_JOB)
        result = await jobs.run_now(job)
        if result and result.error:
            raise result.error

    async def restock(self, who: str, item: Item, units: int) -> None:
        """Add units, once."""
        invoked = self.recorder.now()
        match await self._shop.restock(item, units):
            case Answered():
                self.recorder.answered(item.sku, who, Restock(units), DONE, invoked=invoked)
            case Unknown():
                self.recorder.unanswered(item.sku, who, Restock(units), invoked=invoked)
            case Refused() as refused:
                _require_transient(refused)

    # ---- readings; one that is not answered is not recorded

    async def read_stock(self, who: str, item: Item) -> bool:
        """Read the stock of a SKU; whether it was answered."""
        invoked, outcome = self.recorder.now(), await self._ask(STOCK, sku=item.sku)
        if isinstance(outcome, Answered):
            level = Level(outcome.payload["availableStock"], outcome.payload["reservedStock"])
            self.recorder.answered(item.sku, who, Read(), level, invoked=invoked)
        return isinstance(outcome, Answered)

    async def read_uses(self, who: str) -> bool:
        """Read how often the code is used; whether it was answered."""
        invoked, outcome = self.recorder.now(), await self._ask(USES, code=self.code)
        if isinstance(outcome, Answered):
            used = outcome.payload["nodes"][0]["currentUsageCount"]
            self.recorder.answered(self.code, who, Read(), Level(self.uses - used, used), invoked=invoked)
        return isinstance(outcome, Answered)

    async def read_order(self, who: str, order: RecordedOrder) -> bool:
        """Read the status of an order; whether it was answered."""
        invoked = self.recorder.now()
        outcome = await order.buyer.client.send(STATUS, {"token": order.known.token})
        if isinstance(outcome, Answered):
            phase = PHASES[outcome.payload["status"]]
            self._record(order, who, ReadOrder(order.name), phase, invoked)
        return isinstance(outcome, Answered)

    # ---- requests without an answer

    def give_up(self, request: Request) -> None:
        """Record a request as one that was never answered; `complete` tells only its client what became of it."""
        request.record(request, Unknown("given up"))
        request.record = self._tell

    async def complete(self, requests: Sequence[Request]) -> None:
        """Send requests again with their keys until all are answered. No other request may be running."""
        waiting = list(requests)
        for _ in range(MOST_REPETITIONS):
            await pass_time(self._url)
            answers = await asyncio.gather(*(self._repeat(each) for each in waiting))
            waiting = [each for each, is_answered in zip(waiting, answers, strict=True) if not is_answered]
            if not waiting:
                return
            await asyncio.sleep(PAUSE)
        raise TimeoutError(f"{len(waiting)} requests are not answered.")

    async def _repeat(self, request: Request) -> bool:
        request.is_repeated = True
        outcome = await request.client.mutate(request.document, **request.given)
        if isinstance(outcome, Answered) or (isinstance(outcome, Refused) and not outcome.is_transient):
            request.record(request, outcome)
            return True
        return False

    def _tell(self, request: Request, outcome: Outcome) -> None:
        if request.document == ORDER and isinstance(outcome, Answered):
            placed = Placed.of(outcome.payload)
            self._shop.told.placed[placed.id] = placed

    # ---- recording

    async def _request(
        self,
        who: str,
        client: Client,
        document: str,
        given: Mapping[str, Any],
        record: Callable[[Request, Outcome], None],
    ) -> None:
        request = Request(who, client, document, given, self.recorder.now(), record)
        outcome = await client.mutate(document, **given)
        if isinstance(outcome, Unknown):
            self.unanswered.append(request)
        else:
            record(request, outcome)

    async def _fill(self, who: str, order: RecordedOrder, document: str, **given: Any) -> Outcome:
        """Change a cart; that units or uses are left is only said when they are not."""
        invoked = self.recorder.now()
        outcome = await order.buyer.client.mutate(document, **given)
        if isinstance(outcome, Refused):
            self._short(order, who, outcome, invoked)
        return outcome

    async def _ask(self, document: str, **variables: Any) -> Outcome:
        return await (await self._shop.administrator()).send(document, variables)

    def _ordered(self, order: RecordedOrder, request: Request, outcome: Outcome) -> None:
        outcomes: RecordedOutcome = TAKEN
        match outcome:
            case Answered(payload):
                order.placed = Placed.of(payload)
                self._shop.told.placed[order.placed.id] = order.placed
                self.orders.append(order)
            case Unknown():
                outcomes = UNKNOWN
            case Refused() as refused:
                self._short(order, request.who, refused, request.invoked)
                return
            case _:
                return
        for name, units in order.units.items():
            self._record_one(name, request.who, Take(order.name, units), outcomes, request.invoked)

    def _short(self, order: RecordedOrder, who: str, refused: Refused, invoked: float) -> None:
        """Record what a refused order was short of; it took nothing of anything else."""
        left: dict[str, int] = {}
        match refused.code:
            case "INSUFFICIENT_STOCK":
                left = {sku: int(available) for available, sku in SHORTAGE.findall(refused.message)}
                assert left, refused
            case "PROMO_CODE_INVALID" | "PROMO_CODE_REFUSED" | "PROMOTION_EXHAUSTED":
                assert USED_UP in refused.message, refused
                left = {self.code: 0}
            case _:
                _require_transient(refused)
        for name, available in left.items():
            self._record_one(name, who, Take(order.name, order.units[name]), Short(available), invoked)

    def _paid(self, order: RecordedOrder, request: Request, outcome: Outcome) -> None:
        begin, end = Alter(Change.BEGIN_PAYMENT, order.name), Alter(Change.END_PAYMENT, order.name)
        match outcome:
            case Answered():
                self._shop.told.paid.add(order.known.id)
                self._record(order, request.who, begin, Phase.PAYING, request.invoked)
                self._record(order, request.who, end, Phase.PAID, request.invoked)
            case Refused(code) if code in {"ORDER_NOT_PAYABLE", "PAYMENT_IN_PROGRESS"} and not request.is_repeated:
                self._record(order, request.who, begin, REFUSED, request.invoked)
            case Refused() as refused if not request.is_repeated:
                _require_transient(refused)
            case Unknown() | Refused():  # the first attempt may have begun, and a job may have ended it
                self._record(order, request.who, begin, UNKNOWN, request.invoked)
                self._record(order, request.who, end, UNKNOWN, request.invoked)

    def _cancelled(self, order: RecordedOrder, request: Request, outcome: Outcome) -> None:
        cancel = Alter(Change.CANCEL, order.name)
        match outcome:
            case Answered():
                self._shop.told.cancelled.add(order.known.id)
                self._record(order, request.who, cancel, Phase.CANCELLED, request.invoked)
            case Refused("ORDER_NOT_CANCELLABLE"):
                self._record(order, request.who, cancel, REFUSED, request.invoked)
            case Unknown():
                self._record(order, request.who, cancel, UNKNOWN, request.invoked)
            case Refused() as refused:
                _require_transient(refused)

    def _record(
        self, order: RecordedOrder, who: str, action: Action, outcome: RecordedOutcome, invoked: float
    ) -> None:
        """Record an operation on everything of which the order has units."""
        for name in order.units:
            self._record_one(name, who, action, outcome, invoked)

    def _record_one(self, name: str, who: str, action: Action, outcome: RecordedOutcome, invoked: float) -> None:
        if outcome is UNKNOWN:
            self.recorder.unanswered(name, who, action, invoked=invoked)
        else:
            self.recorder.answered(name, who, action, outcome, invoked=invoked)


def _require_transient(refused: Refused) -> None:
    assert refused.is_transient or refused.code in WITHOUT_EFFECT, refused
