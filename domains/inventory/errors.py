"""What the inventory refuses."""

from collections.abc import Sequence

from domains.kernel.errors import DomainError, ErrorCode, NotFound


class SkuNotFound(NotFound):
    """No product or variant of the company has these SKUs."""

    def __init__(self, skus: Sequence[str], *, path: Sequence[str] = ("input", "sku")) -> None:
        named = ", ".join(repr(sku) for sku in skus[:5])
        more = f" and {len(skus) - 5} more" if len(skus) > 5 else ""
        super().__init__(f"Nothing is sold under the SKU {named}{more}.", path=path)


class InsufficientStock(DomainError):
    """There is less than was asked for."""

    code = ErrorCode.INSUFFICIENT_STOCK

    def __init__(self, sku: str, requested: int, available: int) -> None:
        super().__init__(f"There are {available} of {sku!r}, not {requested}.", path=("input", "quantity"))
        self.sku = sku
        self.requested = requested
        self.available = available
