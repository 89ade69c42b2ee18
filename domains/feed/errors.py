"""Errors that make a whole file unusable; a single bad row is reported instead (`models.BadRow`)."""

from collections.abc import Iterable

from domains.kernel.csv.errors import UnreadableFile
from domains.kernel.errors import Conflict

__all__ = ["ImportRunning", "MissingColumns", "UnreadableFile"]


class MissingColumns(UnreadableFile):
    """The heading lacks columns that every product needs; `programs` names the programs that write such files."""

    def __init__(self, columns: Iterable[str], programs: str, *, line: int = 1) -> None:
        self.columns = tuple(columns)
        names = ", ".join(f"`{column}`" for column in self.columns)
        remedy = f"The first line must have the column names of the product export of {programs}."
        super().__init__(f"The heading lacks the required columns {names}. {remedy}", line=line)


class ImportRunning(Conflict):
    """Another import into the company is running."""

    def __init__(self) -> None:
        super().__init__("Another import into this company is running. Try again when it is done.")
