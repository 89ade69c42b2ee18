"""The privileges of requests on tables. Migrations grant them; `commerce doctor` compares."""

from typing import Final, TypeAlias

Privileges: TypeAlias = frozenset[str]

ALL: Final[Privileges] = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
READ_ONLY: Final[Privileges] = frozenset({"SELECT"})
APPEND_ONLY: Final[Privileges] = frozenset({"SELECT", "INSERT"})
NEVER_DELETED: Final[Privileges] = ALL - {"DELETE"}
