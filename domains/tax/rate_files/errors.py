"""The errors of files of tax rates, which name the line."""

from collections.abc import Sequence

from domains.kernel.csv.errors import UnreadableFile
from domains.kernel.errors import InvalidInput


class TaxRateColumnsMissing(UnreadableFile):
    """The heading of a file of tax rates lacks columns."""

    def __init__(self, columns: Sequence[str], *, line: int) -> None:
        names = ", ".join(f'"{column}"' for column in columns)
        super().__init__(f"The heading lacks the columns {names}. Export the rates to see all of them.", line=line)


class TaxRateRowInvalid(InvalidInput):
    """A row of a file of tax rates is wrong; nothing was imported. `line` is the physical line, counted from 1."""

    def __init__(self, message: str, *, line: int) -> None:
        super().__init__(f"Line {line}: {message}", field=("file",))
        self.line = line


class TaxRatesUninstallable(InvalidInput):
    """There are no starter rates of a country, or the company has other rates there."""
