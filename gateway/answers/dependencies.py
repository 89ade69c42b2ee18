"""What cached answers depend on, declared with types and fields: a change removes the answers that show it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

ANY: Final = "*"
SECONDS: Final = 60.0


class Kind(StrEnum):
    """The kinds of things that an answer shows."""

    PRODUCT = "product"
    STOCK = "stock"
    """The units of a product and of its variants."""
    REVIEW = "review"
    PROMOTION = "promotion"
    SHOP = "shop"
    """The company itself, its settings and its categories: every answer depends on them."""


def tag(kind: Kind, object_id: object = ANY) -> str:
    """The tag of an object, or that of any object of the kind, on which lists depend."""
    return f"{kind.value}:{object_id}"


SHOP: Final = tag(Kind.SHOP)


@dataclass(frozen=True, slots=True)
class Dependency:
    """A dependency on the object of a kind whose id is the source's attribute `by`, or on every object of it."""

    kind: Kind
    by: str | None = None

    def tags(self, sources: Iterable[Any]) -> set[str]:
        """The tags of these sources."""
        if self.by is None:
            return {tag(self.kind)}
        return {tag(self.kind, getattr(source, self.by)) for source in sources}


@dataclass(frozen=True, slots=True)
class Cached:
    """Declares a field of Query whose answers are the same for every guest and may be cached.

    An answer is kept for at most `seconds`, which bounds how long it misses what no event announces, such as the
    start of a promotion or counted views.
    """

    depends_on: tuple[Dependency, ...] = ()
    seconds: float = SECONDS


ON_PRODUCTS: Final = Dependency(Kind.PRODUCT)
ON_REVIEWS: Final = Dependency(Kind.REVIEW)
ON_PROMOTIONS: Final = Dependency(Kind.PROMOTION)
