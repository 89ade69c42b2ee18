"""The errors of settlement reports. Those of a file name the line."""

from collections.abc import Sequence

from domains.kernel.csv.errors import UnreadableFile
from domains.kernel.errors import InvalidInput, NotAllowed, NotFound


class SettlementProviderUnknown(InvalidInput):
    """Reports of this provider cannot be read."""

    def __init__(self, provider: str, known: Sequence[str]) -> None:
        super().__init__(
            f"Settlement reports of {provider[:50]!r} cannot be read. Give one of: {', '.join(known)}.",
            field=("provider",),
        )


class SettlementReportRefused(UnreadableFile):
    """A line of the file is not that of a complete settlement report of the provider; nothing was imported."""


class SettlementColumnsMissing(UnreadableFile):
    """The heading of a settlement report lacks columns that are needed."""

    def __init__(self, columns: Sequence[str], *, line: int) -> None:
        names = ", ".join(f"`{column}`" for column in columns)
        super().__init__(f"The report lacks the columns {names}. Download it again with these.", line=line)


class SettlementTotalsDiffer(UnreadableFile):
    """Amounts of a settlement report do not add up, or it has not as many rows as it says."""


class SettlementCurrencyMismatch(UnreadableFile):
    """A settlement report is not in the currency of the company."""

    def __init__(self, currency: str, expected: str, *, line: int) -> None:
        super().__init__(
            f"The amount is in {currency[:20]}; the ledger of the company is in {expected}. Download the report of "
            f"the balance in {expected}.",
            line=line,
        )


class SettlementOfAnotherCompany(UnreadableFile):
    """No payment in a settlement report is one of the company."""

    def __init__(self, *, line: int) -> None:
        super().__init__(
            "No payment of this company at the provider is in the report, beginning with this row. Import it into "
            "the company to which its payments belong.",
            line=line,
        )


class SettlementReportNotFound(NotFound):
    """There is no settlement report with this id in the company."""

    def __init__(self) -> None:
        super().__init__("There is no settlement report with this id.", field=("report_id",))


class SettlementDifferenceNotFound(NotFound):
    """There is no difference with this id in the company."""

    def __init__(self) -> None:
        super().__init__("There is no difference with this id.", field=("difference_id",))


class SettlementDifferenceClosed(NotAllowed):
    """The difference was resolved before, or both sides agree by now."""

    def __init__(self) -> None:
        super().__init__("This difference is not open any more.", field=("difference_id",))
