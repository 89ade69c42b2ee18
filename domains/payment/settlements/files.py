"""The files of settlement reports: their formats, and a first reading that checks the whole file."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import IO, Final, Protocol

from domains.kernel.csv.records import Records
from domains.payment.settlements import cells
from domains.payment.settlements.errors import SettlementProviderUnknown, SettlementReportRefused
from domains.payment.settlements.models import ReportLine, ReportSummary, SettlementLineType
from domains.payment.settlements.paypal import PayPalReport
from domains.payment.settlements.stripe import StripeReport

CHUNK: Final = 65_536
MAX_SUM: Final = Decimal(10**15)
"""What all amounts of a report, without their signs, stay below: the database stores no larger sum."""


class ReportFile(Protocol):
    """A report that is being read. Account and period are known after all lines; a report may not tell them."""

    account_id: str | None
    period: tuple[datetime, datetime] | None

    def lines(self) -> Iterator[ReportLine]:
        """The lines in the order of the file. Raises UnreadableFile and its subclasses, with the line."""
        ...


FORMATS: Final[Mapping[str, Callable[[Records, str], ReportFile]]] = {"PAYPAL": PayPalReport, "STRIPE": StripeReport}
"""By the name of the provider."""


def require_provider(provider: str) -> str:
    """The provider, whose reports can be read. Raises SettlementProviderUnknown."""
    if provider not in FORMATS:
        raise SettlementProviderUnknown(provider, sorted(FORMATS))
    return provider


def opened(file: IO[bytes], provider: str, currency: str) -> ReportFile:
    """The report in a seekable file, from its beginning."""
    file.seek(0)
    return FORMATS[provider](Records(iter(partial(file.read, CHUNK), b""), cells.delimiter_of), currency)


def digest_of(file: IO[bytes]) -> str:
    """The SHA-256 of a seekable file, in hexadecimal."""
    file.seek(0)
    digest = hashlib.sha256()
    for chunk in iter(partial(file.read, CHUNK), b""):
        digest.update(chunk)
    return digest.hexdigest()


def summary_of(file: IO[bytes], provider: str, currency: str, digest: str) -> ReportSummary:
    """What a report says as a whole, with constant memory. Raises UnreadableFile and its subclasses."""
    report = opened(file, provider, currency)
    gross = fee = net = size = Decimal(0)
    count, first_line, has_charges = 0, 1, False
    earliest = latest = None
    for line in report.lines():
        first_line = first_line if count else line.line
        count += 1
        gross, fee, net = gross + line.gross, fee + line.fee, net + line.net
        has_charges = has_charges or line.type is SettlementLineType.CHARGE
        size += abs(line.gross) + abs(line.fee)
        if size >= MAX_SUM:
            raise SettlementReportRefused("The amounts up to this row are too large.", line=line.line)
        earliest = min(earliest or line.occurred_at, line.occurred_at)
        latest = max(latest or line.occurred_at, line.occurred_at)
    if earliest is None or latest is None:
        raise SettlementReportRefused("The report has no rows: nothing happened in its period.", line=1)
    start, end = report.period or (earliest, latest)
    return ReportSummary(
        digest=digest,
        account_id=report.account_id,
        period_from=start,
        period_to=end,
        line_count=count,
        gross=gross,
        fee=fee,
        net=net,
        has_charges=has_charges,
        first_line=first_line,
    )
