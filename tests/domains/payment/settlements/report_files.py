"""Files of settlement reports in the formats of Stripe and PayPal, with totals that add up."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

AT: Final = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
STRIPE_COLUMNS: Final = (
    "balance_transaction_id,created_utc,available_on_utc,currency,gross,fee,net,reporting_category,source_id,"
    "description,payment_intent_id"
)
PAYPAL_COLUMNS: Final = (
    '"CH","Transaction ID","Invoice ID","PayPal Reference ID","PayPal Reference ID Type","Transaction Event Code",'
    '"Transaction Initiation Date","Transaction Completion Date","Transaction  Debit or Credit",'
    '"Gross Transaction Amount","Gross Transaction Currency","Fee Debit or Credit","Fee Amount","Fee Currency",'
    '"Custom Field","Consumer ID"'
)
ACCOUNT: Final = "MERCHANT1"


def stripe_row(
    row_id: str,
    category: str,
    gross: str,
    fee: str = "0.00",
    source: str = "",
    *,
    currency: str = "eur",
    at: datetime = AT,
) -> str:
    """A row; the net amount follows. Its description spans two lines."""
    net = Decimal(gross) - Decimal(fee)
    times = f"{at:%Y-%m-%d %H:%M:%S},{at + timedelta(days=7):%Y-%m-%d %H:%M:%S}"
    return f'{row_id},{times},{currency},{gross},{fee},{net},{category},{source},"two\nlines, quoted",pi_1\n'


def stripe(*rows: str, columns: str = STRIPE_COLUMNS) -> bytes:
    """A report."""
    return f"{columns}\n{''.join(rows)}".encode()


def paypal_time(at: datetime) -> str:
    """A time as PayPal writes it, in its own time zone."""
    return f"{at - timedelta(hours=8):%Y/%m/%d %H:%M:%S} -0800"


def paypal_row(
    row_id: str, code: str, gross: int, fee: int = 0, reference: str = "", *, currency: str = "EUR", at: datetime = AT
) -> str:
    """A row of amounts in cents: a positive gross amount is a credit, a positive fee a debit."""
    side, fee_side = "CR" if gross >= 0 else "DR", "DR" if fee >= 0 else "CR"
    fees = f'"{fee_side}",{abs(fee)},"{currency}"' if fee else '"",,""'
    times = f"{paypal_time(at)},{paypal_time(at)}"
    return (
        f'"SB","{row_id}","","{reference}","TXN","{code}",{times},"{side}",{abs(gross)},"{currency}",{fees},'
        '"two\nlines","C1"\n'
    )


def paypal_totals(kind: str, amounts: Sequence[tuple[int, int]], currency: str = "EUR") -> str:
    """A record SF or RF of rows with these gross amounts and fees."""
    gross, fees = [each[0] for each in amounts], [each[1] for each in amounts]
    sums = (
        sum(each for each in gross if each > 0),
        -sum(each for each in gross if each < 0),
        -sum(each for each in fees if each < 0),
        sum(each for each in fees if each > 0),
    )
    return f'"{kind}","{currency}",{",".join(map(str, sums))},"CR",0,"CR",0\n'


def paypal(
    *rows: tuple[str, str, int, int, str] | tuple[str, str, int, int] | tuple[str, str, int], at: datetime = AT
) -> bytes:
    """A report of the day of a time: rows as `paypal_row` takes them."""
    amounts = [(row[2], row[3] if len(row) > 3 else 0) for row in rows]
    start, end = at.replace(hour=8, minute=0), at.replace(hour=8, minute=0) + timedelta(days=1, seconds=-1)
    records = [
        f'"RH",{paypal_time(end)},"A","{ACCOUNT}",009,\n"FH",01\n',
        f'"SH",{paypal_time(start)},{paypal_time(end)},"{ACCOUNT}",""\n{PAYPAL_COLUMNS}\n',
        *(paypal_row(*row, at=at) for row in rows),
        paypal_totals("SF", amounts),
        f'"SC",{len(rows)}\n',
        paypal_totals("RF", amounts),
        f'"RC",{len(rows)}\n"FF",{len(rows)}\n',
    ]
    return "".join(records).encode()
