"""What the generated code says about its columns, and how missing values are made."""

from dataclasses import dataclass
from enum import Enum, StrEnum


class Default(Enum):
    """Who makes a value that the caller leaves out, where it is not simply a constant."""

    REQUIRED = "nobody: the caller must give it"
    DATABASE = "the database: a sequence or an expression"
    ID = "a new UUIDv7"
    NOW = "the time of the statement"
    EMPTY = "an empty list"


class Tenancy(Enum):
    """Whose the rows of a table are."""

    NONE = "nobody's: the table has no company"
    OWNED = "each row belongs to one company"
    SHARED = "a row belongs to one company, or to none and is read by all"


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column, which is equal to itself alone. `sql_type` is PostgreSQL's name for it (or for its elements)."""

    name: str
    sql_type: str
    nullable: bool = False
    is_list: bool = False
    enum: type[StrEnum] | None = None
    default: object = Default.REQUIRED
    touched: bool = False

    @property
    def sql(self) -> str:
        """The column's name as SQL writes it."""
        return f'"{self.name}"'

    @property
    def is_timed(self) -> bool:
        """Whether it holds the time of the statement when the caller gives none."""
        return self.default is Default.NOW or (self.touched and self.default is Default.REQUIRED)
