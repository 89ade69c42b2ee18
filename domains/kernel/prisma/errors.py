"""Errors of the generated verbs: a missing row, and misuse by the calling code."""

from domains.kernel.errors import NotFound


class RecordNotFound(NotFound):
    """The row to change or delete does not exist in this company."""

    def __init__(self, table: str) -> None:
        super().__init__(f"The row of {table} does not exist; it may have been deleted by another request.")


class MisuseError(Exception):
    """A call that is wrong for any input of a user: the calling code has a bug."""


class TenantMissing(MisuseError):
    """A table with rows of companies was used by a handle without a company."""

    def __init__(self, table: str) -> None:
        super().__init__(f"rows of {table} belong to companies: use a handle with a company, db.reader(company_id)")


class TenantGiven(MisuseError):
    """An input contains the company, which must come from the handle."""

    def __init__(self) -> None:
        super().__init__("company_id comes from the handle and must not be in an input")


class UnknownColumn(MisuseError):
    """An input names a column that the table does not have."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no column {name!r} to use here")


class ValueMissing(MisuseError):
    """A row to be created lacks a column that has no default."""

    def __init__(self, table: str, name: str) -> None:
        super().__init__(f"{table}.{name} must be given")


class UnknownOperator(MisuseError):
    """A filter, a direction or a change has an operator that this column does not support."""

    def __init__(self, name: str, operator: object) -> None:
        super().__init__(f"{operator!r} is not supported for {name}")


class LockOutsideTransaction(MisuseError):
    """A row lock was requested from a Reader, which would release it at once."""

    def __init__(self) -> None:
        super().__init__("lock=True needs a Tx: a Reader releases its connection after each statement")
