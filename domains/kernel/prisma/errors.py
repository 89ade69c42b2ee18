"""What the generated verbs raise: a missing row for the caller to mend, and faults of the calling code."""

from domains.kernel.errors import NotFound


class RecordNotFound(NotFound):
    """The row that was to be changed or deleted is not there, or not this company's."""

    def __init__(self, table: str) -> None:
        super().__init__(f"There is no such row in {table}; it may have been deleted meanwhile.")


class MisuseError(Exception):
    """A call that no input of a user can justify: the code that makes it is wrong."""


class TenantMissing(MisuseError):
    """A table whose rows belong to companies was touched by a handle that has none."""

    def __init__(self, table: str) -> None:
        super().__init__(f"{table} belongs to companies: use a handle of one, db.reader(company_id)")


class TenantGiven(MisuseError):
    """The company was named in an input, where it must only come from the handle."""

    def __init__(self) -> None:
        super().__init__("company_id comes from the handle and may not be given")


class UnknownColumn(MisuseError):
    """An input names a column that the table has not."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no column {name!r} that could be used here")


class ValueMissing(MisuseError):
    """A row to be created lacks a column that has no default."""

    def __init__(self, table: str, name: str) -> None:
        super().__init__(f"{table}.{name} must be given")


class UnknownOperator(MisuseError):
    """A filter, a direction or a change has a word that is not known for this column."""

    def __init__(self, name: str, operator: object) -> None:
        super().__init__(f"{operator!r} is not known for {name}")


class LockOutsideTransaction(MisuseError):
    """A row lock was asked of a Reader, which would give it back at once."""

    def __init__(self) -> None:
        super().__init__("lock=True needs a Tx: a Reader gives its connection back after each statement")
