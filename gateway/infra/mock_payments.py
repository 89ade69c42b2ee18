"""The MOCK payment provider: answers by card number, with books of its own that outlive the process."""

from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from domains.kernel.ids import new_id
from domains.payment.provider import Charge, Outcome, OutcomeStatus

APPROVES: Final = "4242424242424242"
APPROVES_ALL: Final = "424242"  # what numbers of cards that pay begin with: as many as a shop has buyers
DECLINES: Final = "4000000000000002"
LACKS_FUNDS: Final = "4000000000009995"
TIMES_OUT_UNCHARGED: Final = "4000000000000119"
TIMES_OUT_CHARGED: Final = "4000000000000341"

MESSAGES: Final = {
    "CARD_DECLINED": "The card was declined. Try another card.",
    "INSUFFICIENT_FUNDS": "The card has insufficient funds. Try another card.",
    "TEST_CARD_REQUIRED": "The MOCK provider takes its test cards only, such as 4242 4242 4242 4242.",
    "VOIDED": "The payment was called off before it was made.",
    "REFUNDED": "Some of the payment was refunded already.",
    "TOO_MUCH": "More would be refunded than was charged.",
}
DECLINED_FOR: Final = {DECLINES: "CARD_DECLINED", LACKS_FUNDS: "INSUFFICIENT_FUNDS"}

CHARGE: Final = """
insert into mock_charges (reference, transaction_id, status, amount, currency, code) values ($1, $2, $3, $4, $5, $6)
on conflict (reference) do update set reference = excluded.reference
returning status, transaction_id, code
"""
LOOKUP: Final = "select status, transaction_id, code from mock_charges where reference = $1"
# A charge that was never seen is written down as voided, so that it finds the door closed when it comes.
VOID: Final = """
insert into mock_charges (reference, transaction_id, status, code) values ($1, $2, 'VOIDED', 'VOIDED')
on conflict (reference) do update set
  status = case when mock_charges.status = 'APPROVED' then 'VOIDED' else mock_charges.status end,
  code = case when mock_charges.status = 'APPROVED' then 'VOIDED' else mock_charges.code end
where not exists (select from mock_refunds r
  where r.transaction_id = mock_charges.transaction_id and r.status = 'APPROVED')
returning status, transaction_id, code
"""
HOLD: Final = "select status, amount, currency from mock_charges where transaction_id = $1 for update"
REFUND: Final = """
insert into mock_refunds (reference, transaction_id, amount, status)
select $1, $2, $3, case when coalesce(sum(amount) filter (where status = 'APPROVED'), 0) + $3 <= $4
  then 'APPROVED' else 'DECLINED' end
from mock_refunds where transaction_id = $2 and reference <> $1
on conflict (reference) do update set reference = excluded.reference
returning status
"""


class MockPayments:
    """A provider without a bank. It works on connections of its own, never in the caller's transaction.

    Of a card it keeps nothing. `TIMES_OUT_CHARGED` takes the money and does not answer, `TIMES_OUT_UNCHARGED` does
    neither; `lookup` tells them apart.
    """

    name = "MOCK"

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def charge(self, charge: Charge) -> Outcome:
        """Approve, decline or time out, by the card's number; the same reference always alike."""
        number = charge.method.number.reveal()
        if number == TIMES_OUT_UNCHARGED:
            raise TimeoutError
        pays = number == TIMES_OUT_CHARGED or number.startswith(APPROVES_ALL)
        code = None if pays else DECLINED_FOR.get(number, "TEST_CARD_REQUIRED")
        status = OutcomeStatus.DECLINED if code else OutcomeStatus.APPROVED
        row = await self._pool.fetchrow(
            CHARGE, charge.reference, _transaction(), status.value, charge.amount, charge.currency, code
        )
        if number == TIMES_OUT_CHARGED:
            raise TimeoutError
        return _outcome(row)

    async def refund(self, reference: UUID, transaction_id: str, amount: Decimal, currency: str) -> Outcome:
        """Give back at most what was charged, in all."""
        async with self._pool.acquire() as connection, connection.transaction():
            charged = await connection.fetchrow(HOLD, transaction_id)
            if charged is None or charged["status"] != "APPROVED" or charged["currency"] != currency:
                return Outcome(OutcomeStatus.DECLINED, code="VOIDED", message=MESSAGES["VOIDED"])
            status = await connection.fetchval(REFUND, reference, transaction_id, amount, charged["amount"])
        if status == "DECLINED":
            return Outcome(OutcomeStatus.DECLINED, code="TOO_MUCH", message=MESSAGES["TOO_MUCH"])
        return Outcome(OutcomeStatus.APPROVED, transaction_id=f"mock_re_{reference.hex}")

    async def void(self, reference: UUID, transaction_id: str | None) -> Outcome:
        """Undo a charge, or see to it that it never takes money."""
        row = await self._pool.fetchrow(VOID, reference, transaction_id or _transaction())
        if row is None:
            return Outcome(OutcomeStatus.DECLINED, transaction_id, "REFUNDED", MESSAGES["REFUNDED"])
        return _outcome(row)

    async def lookup(self, reference: UUID) -> Outcome | None:
        """What the books say of a charge."""
        row = await self._pool.fetchrow(LOOKUP, reference)
        return _outcome(row) if row else None


def _transaction() -> str:
    return f"mock_ch_{new_id().hex}"


def _outcome(row: Any) -> Outcome:
    return Outcome(OutcomeStatus(row["status"]), row["transaction_id"], row["code"], MESSAGES.get(row["code"]))
