"""Claims: the row that a transaction inserts before it locks or reads anything; a request is executed once by it."""

from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from domains.kernel.database import Tx

IS_CLAIMED: Final = "{is_claimed}"
"""The condition of a statement of `Tx.fetch_first` that holds once the transaction has claimed."""


class Claiming(Protocol):
    """The claim of one transaction."""

    async def fetch_first(self, tx: "Tx", sql: str, args: list[Any]) -> list[Any]:
        """The rows of a statement of which the claim is a CTE; no row when the claim is not new."""
        ...

    async def settle(self, tx: "Tx") -> None:
        """Claim by statements of its own. Does nothing when the transaction has claimed; raises when another has."""
        ...
