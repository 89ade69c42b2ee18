"""Columns as the generated code declares them, and their defaults."""

from dataclasses import dataclass
from enum import Enum, StrEnum


class Default(Enum):
    """The source of a default value that is not a constant."""

    REQUIRED = "none: the caller must provide the value"
    DATABASE = "the database: a sequence or an expression"
    ID = "a new UUIDv7"
    NOW = "the time of the statement"
    EMPTY = "an empty list"


class Tenancy(Enum):
    """Whether rows of a table belong to a company."""

    NONE = "the table has no company"
    OWNED = "each row belongs to one company"
    SHARED = "a row belongs to one company, or to none and is read by all"


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column, compared by identity. `sql_type` is PostgreSQL's type of it, or of its elements."""

    name: str
    sql_type: str
    nullable: bool = False
    is_list: bool = False
    enum: type[StrEnum] | None = None
    default: object = Default.REQUIRED
    is_updated_at: bool = False

    @property
    def sql(self) -> str:
        """The quoted name of the column."""
        return f'"{self.name}"'

    @property
    def is_timed(self) -> bool:
        """Whether its default is the time of the statement."""
        return self.default is Default.NOW or (self.is_updated_at and self.default is Default.REQUIRED)
