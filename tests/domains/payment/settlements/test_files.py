"""Files that are no complete report of their provider are refused, with the line, and nothing is stored."""

import io
from decimal import Decimal
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.kernel.csv.errors import UnreadableFile
from domains.payment.settlements import files
from domains.payment.settlements.errors import SettlementColumnsMissing
from domains.payment.settlements.models import ReportLine, ReportSummary
from domains.payment.settlements.models import SettlementLineType as T
from tests.domains.payment.settlements.report_files import (
    AT,
    PAYPAL_COLUMNS,
    STRIPE_COLUMNS,
    paypal,
    paypal_row,
    stripe,
    stripe_row,
)

CHARGE: Final = stripe_row("txn_1", "charge", "19.90", "0.83", "ch_1")
FEE: Final = stripe_row("txn_2", "fee", "-2.00")
STRIPE: Final = stripe(CHARGE, FEE)
PAYPAL: Final = paypal(
    ("CAP1", "T0006", 1990, 92, "O1"), ("REF1", "T1107", -500, -10, "CAP1"), ("OUT1", "T0400", -100)
)
ROW: Final = paypal_row("CAP1", "T0006", 1990, 92, "O1").encode()


def read(content: bytes, provider: str, currency: str = "EUR") -> tuple[ReportSummary, list[ReportLine]]:
    file = io.BytesIO(content)
    summary = files.summary_of(file, provider, currency, files.digest_of(file))
    return summary, list(files.opened(file, provider, currency).lines())


def refusal(content: bytes, provider: str, currency: str = "EUR") -> str:
    with pytest.raises(UnreadableFile) as caught:
        read(content, provider, currency)
    assert caught.value.field == ("file",)
    return caught.value.message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "Line 1: The file is empty."),
        (b"\n\n", "Line 1: The file is empty."),
        (stripe(), "Line 1: The report has no rows: nothing happened in its period."),
        (PAYPAL, "Line 1: This is a report of PayPal. Import it as one of PAYPAL."),
        (STRIPE[:-1], "Line 4: The file ends in the row that begins here, whose line end is missing. Download"),
        (STRIPE[:-3], "Line 4: The file ends in the row that begins here, whose line end is missing. Download"),
        (STRIPE[:-14], "Line 4: The row that begins here is incomplete: a quoted field is never closed. Export"),
        (STRIPE[: -len(FEE) + 40], "Line 4: The row that begins here has 3 of 11 fields. Download the report again."),
        (stripe(CHARGE.replace("\n", ",\n").replace("two,", "two")), "Line 2: The row that begins here has 12 of 11"),
        (stripe(CHARGE.replace("2026-11-20 09", "9999-12-31 23")), "Line 2: `created` must be a time such as 2026-"),
        (stripe(CHARGE.replace("2026-11-20 09", "0001-01-01 00")), "Line 2: `created` must be a time such as 2026-"),
        (
            stripe(*(stripe_row(f"txn_{number}", "payout", f"-{10**14 - 1}") for number in range(11))),
            "Line 22: The amounts up to this row are too large.",
        ),
        (stripe(CHARGE.replace(",19.07,", ",19.08,")), "Line 2: `gross` without `fee` is 19.07, `net` 19.08."),
        (stripe(CHARGE.replace(",19.90,", ',"19,90",')), "Line 2: `gross` must be an amount with a decimal point,"),
        (
            stripe(CHARGE.replace(",19.90,", ',"1,990.00",')),
            "Line 2: `gross` must be an amount with a decimal point,",
        ),
        (stripe(CHARGE.replace(",0.83,", ",,")), "Line 2: `fee` must be an amount with a decimal point, such as"),
        (stripe(CHARGE.replace(",0.83,", ",0.835,")), "Line 2: `fee` must be an amount with the decimals of EUR; it"),
        (stripe(FEE, CHARGE.replace("eur", "usd")), "Line 4: The amount is in USD; the ledger of the company is in"),
        (stripe(CHARGE.replace("eur", "")), "Line 2: The amount is in ; the ledger of the company is in EUR."),
        (stripe(CHARGE.replace("txn_1", "")), "Line 2: `balance_transaction_id` must be an id in ASCII; it is ''."),
        (stripe(CHARGE.replace("txn_1", "ä")), "Line 2: `balance_transaction_id` must be an id in ASCII; it is 'ä'."),
        (
            stripe(CHARGE.replace("ch_1", "c" * 256)),
            "Line 2: `source_id` must be an id in ASCII; it is 'ccccccc",
        ),
        (stripe(CHARGE.replace("2026-11-20", "20.11.2026")), "Line 2: `created` must be a time such as 2026-11-30"),
        (stripe(CHARGE.replace("2026-11-20", "0001-01-01").replace(":00,", ":00+14:00,")), "Line 2: `created` must"),
        (stripe(CHARGE, columns=STRIPE_COLUMNS.replace("net", "fee")), "Line 1: The column `fee` occurs twice."),
        (STRIPE.replace(b"charge", b"ch\xe4rge"), "Line 2: The byte 0xE4 is not UTF-8; the file looks like Latin-1"),
        (b"PK\x03\x04" + STRIPE, "Line 1: The file is a spreadsheet or a ZIP archive, not CSV."),
        (b"\x1f\x8b" + STRIPE, "Line 1: The file is compressed with gzip. Unpack it and import the CSV."),
    ],
)
def test_bad_files_of_stripe_are_refused_with_the_line(content: bytes, message: str) -> None:
    assert refusal(content, "STRIPE").startswith(message)


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        ("balance_transaction_id", "balance_transaction_id"),
        ("created_utc", "created_utc"),
        ("net", "net"),
        ("currency", "currency"),
        ("reporting_category", "reporting_category"),
        ("source_id", "source_id"),
    ],
)
def test_a_missing_column_is_named(missing: str, named: str) -> None:
    with pytest.raises(SettlementColumnsMissing) as caught:
        read(stripe(CHARGE, columns=STRIPE_COLUMNS.replace(missing, "other")), "STRIPE")
    assert caught.value.message == (f"Line 1: The report lacks the columns `{named}`. Download it again with these.")


def record(old: str, new: str) -> bytes:
    """The report of PayPal with a changed text, which occurs once."""
    assert PAYPAL.count(old.encode()) == 1, PAYPAL.decode()
    return PAYPAL.replace(old.encode(), new.encode())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "Line 1: The file ends here, without the record FF. Download the report again."),
        (STRIPE, "Line 1: A settlement report of PayPal begins with the record RH. Choose the provider of this"),
        (paypal(), "Line 1: The report has no rows: nothing happened in its period."),
        (PAYPAL[: PAYPAL.index(b'"FF"')], "Line 14: The file ends here, without the record FF."),
        (PAYPAL[: PAYPAL.index(b'"OUT1"')], "Line 9: "),
        (PAYPAL[: PAYPAL.index(b"T0400")], "Line 9: The row that begins here is incomplete: a quoted field is"),
        (PAYPAL[: PAYPAL.index(b"T0400") + 20], "Line 9: The row that begins here has 7 of 16 fields. Download"),
        (record(ROW.decode(), ""), "Line 9: The total of gross credits is 19.90 EUR, but the rows have 0.00."),
        (record('"Consumer ID"', '"Custom Field"'), "Line 4: The column `custom field` occurs twice."),
        (record('"SF","EUR",1990', '"SF","EUR",1991'), "Line 11: The total of gross credits is 19.91 EUR, but"),
        (
            record('"SF","EUR",1990,600,10,92', '"SF","EUR",1990,600,10,91'),
            "Line 11: The total of fee debits is 0.91",
        ),
        (record('"SF","EUR"', '"SF","USD"'), "Line 11: The total of gross credits is 19.90 USD, but the rows have"),
        (record('"SF","EUR"', '"SF","???"'), "Line 11: '???' is no currency."),
        (record('"SF","EUR",1990', '"SF","EUR",-1990'), "Line 11: `total gross credits` must be an amount in the"),
        (record('"RF","EUR",1990', '"RF","EUR",1991'), "Line 13: The total of gross credits is 19.91 EUR, but"),
        (record('"SC",3', '"SC",4'), "Line 12: There should be 4 rows, but there are 3. Download the report again."),
        (record('"RC",3', '"RC",2'), "Line 14: There should be 2 rows, but there are 3. Download the report again."),
        (record('"FF",3', '"FF",'), "Line 15: A number of records is expected, not ''. Download the report again."),
        (record('"SC",3\n', ""), "Line 14: A section has no record SC. Download the report again."),
        (record('"SF","EUR",1990,600,10,92,"CR",0,"CR",0\n', ""), "Line 11: The section has no record SH or SF."),
        (PAYPAL + b'"FF",3\n', "Line 16: The record FF follows the last one, FF. Download the report again."),
        (PAYPAL.replace(b'"FF",3\n', b"") + PAYPAL, "Line 15: A second report begins here. Import each report by"),
        (record(PAYPAL_COLUMNS + "\n", ""), "Line 4: The row has no heading: the records SH and CH are missing."),
        (record('"Fee Amount",', ""), "Line 4: The report lacks the columns `fee amount`. Download it again with"),
        (
            record('-0800,"MERCHANT1",""', '-0800,"MERCHANT2",""'),
            "Line 3: The section is that of the account MERCHANT2",
        ),
        (record('"A","MERCHANT1"', '"A",""'), "Line 1: `account id` must be an id in ASCII; it is ''."),
        (
            record('"CR",1990,"EUR"', '"XX",1990,"EUR"'),
            "Line 5: `transaction debit or credit` must be CR or DR; it is",
        ),
        (
            record('"CR",1990,"EUR"', '"CR",19.90,"EUR"'),
            "Line 5: `gross transaction amount` must be an amount in the",
        ),
        (record('"CR",1990,"EUR"', '"CR",1990,"USD"'), "Line 5: The amount is in USD; the ledger of the company is"),
        (record('"DR",92,"EUR"', '"DR",92,"USD"'), "Line 5: The amount is in USD; the ledger of the company is in"),
        (
            record('"SH",2026', '"SH",20.26'),
            "Line 3: `period start` must be a time such as 2026/11/30 09:15:00 -0800",
        ),
    ],
)
def test_bad_files_of_paypal_are_refused_with_the_line(content: bytes, message: str) -> None:
    assert refusal(content, "PAYPAL").startswith(message)


def test_a_report_of_stripe_is_read_with_any_order_of_columns_and_other_names() -> None:
    columns = "NET;fee;Gross;reporting_category;unknown;payout_id;currency;effective_at;balance_transaction_id"
    content = f"\ufeff{columns}\r\n-10.50;0.50;-10.00;payout;;po_1;EUR;2026-11-20T10:30:00+01:00;txn_1\r\n\r\n"
    summary, lines = read(content.encode(), "STRIPE")
    assert lines == [
        ReportLine(
            line=2,
            external_id="txn_1",
            type=T.PAYOUT,
            category="payout",
            gross=Decimal("-10.00"),
            fee=Decimal("0.50"),
            net=Decimal("-10.50"),
            currency="EUR",
            occurred_at=AT,
            reference="po_1",
        )
    ]
    assert (summary.has_charges, summary.period_from, summary.period_to) == (False, AT, AT)


def test_amounts_without_decimals_are_read() -> None:
    _, lines = read(stripe(stripe_row("txn_1", "charge", "1990", "72", "ch_1", currency="jpy")), "STRIPE", "JPY")
    assert [(line.gross, line.net) for line in lines] == [(Decimal(1990), Decimal(1918))]
    for currency, gross in (("JPY", "1990"), ("HUF", "1990.00"), ("EUR", "19.90"), ("KWD", "1.990")):
        _, lines = read(PAYPAL.replace(b"EUR", currency.encode()), "PAYPAL", currency)
        assert f"{lines[0].gross:f}" == gross


def test_event_codes_of_paypal_have_types() -> None:
    codes = {
        "T0000": (T.CHARGE, T.ADJUSTMENT),
        "T0006": (T.CHARGE, T.ADJUSTMENT),
        "T0104": (T.FEE, T.FEE),
        "T0200": (T.ADJUSTMENT, T.ADJUSTMENT),
        "T0300": (T.PAYOUT, T.PAYOUT),
        "T0403": (T.PAYOUT, T.PAYOUT),
        "T1106": (T.CHARGEBACK, T.CHARGEBACK),
        "T1111": (T.ADJUSTMENT, T.ADJUSTMENT),
        "T1202": (T.CHARGEBACK_REVERSAL, T.CHARGEBACK_REVERSAL),
        "T9999": (T.ADJUSTMENT, T.ADJUSTMENT),
    }
    for code, types in codes.items():
        _, lines = read(paypal(("A", code, 100), ("B", code, -100)), "PAYPAL")
        assert (code, tuple(line.type for line in lines)) == (code, types)


def is_refused(content: bytes, provider: str) -> bool:
    """Whether a file is refused; any other error is raised."""
    try:
        read(content, provider)
    except UnreadableFile:
        return True
    return False


@given(st.integers(0, len(STRIPE) - 1))
def test_a_report_of_stripe_that_is_cut_anywhere_in_a_row_is_refused(length: int) -> None:
    has_whole_rows = STRIPE[:length] == stripe(CHARGE)  # the format does not tell how many rows there are
    assert is_refused(STRIPE[:length], "STRIPE") is not has_whole_rows


@given(st.integers(0, len(PAYPAL) - 2))
def test_a_report_of_paypal_that_is_cut_anywhere_is_refused(length: int) -> None:
    assert is_refused(PAYPAL[:length], "PAYPAL")


@given(st.integers(0, 400), st.binary(max_size=6), st.sampled_from([("STRIPE", STRIPE), ("PAYPAL", PAYPAL)]))
def test_a_damaged_report_is_read_or_refused(position: int, noise: bytes, whole: tuple[str, bytes]) -> None:
    provider, content = whole
    damaged = content[:position] + noise + content[position:]
    assert is_refused(damaged, provider) or read(damaged, provider)[0].line_count > 0
