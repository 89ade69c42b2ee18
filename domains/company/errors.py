"""What the company domain refuses."""

from domains.kernel.errors import AlreadyExists, ErrorCode, InvalidInput, NotAllowed, NotFound


class CompanyNotFound(NotFound):
    """There is no such company."""

    def __init__(self) -> None:
        super().__init__("There is no company with this id.", field=("id",))


class NoDefaultCompany(NotFound):
    """The company that serves requests which name none is missing or closed."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"There is no active company {slug!r}, the default one. Run `commerce migrate`.")


class SlugTaken(AlreadyExists):
    """Another company already has this slug."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"Another company already has the slug {slug!r}. Choose another.", field=("slug",))


class CurrencyFrozen(NotAllowed):
    """The company already holds amounts of its currency, which must not change their meaning."""

    def __init__(self, currency: str) -> None:
        super().__init__(
            f"The currency stays {currency}: there are already prices, carts or orders in it. "
            "Open another company for another currency.",
            field=("currency",),
        )


class PricesTooFine(NotAllowed):
    """There are prices with more decimals than unit prices are to have."""

    code = ErrorCode.IN_USE

    def __init__(self, decimals: int, product: str) -> None:
        super().__init__(
            f"There are prices with more than {decimals} decimal places, such as of {product!r}. Round them first.",
            field=("unit_price_decimals",),
        )


class DefaultCompanyFixed(NotAllowed):
    """The default company keeps its slug and stays active, or requests that name no company would find none."""

    code = ErrorCode.IN_USE

    def __init__(self, field: str) -> None:
        super().__init__(
            "This is the default company, which serves requests that name none: it keeps its slug and stays active.",
            field=(field,),
        )


class PatternInvalid(InvalidInput):
    """An order-number pattern that could not number orders."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"{reason} Example: {{year}}-{{number:06}}, which gives 2026-000042.",
            field=("order_number_pattern",),
        )
