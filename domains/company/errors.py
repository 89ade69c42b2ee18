"""Errors of the company domain."""

from domains.kernel.errors import AlreadyExists, NotAllowed, NotFound


class CompanyNotFound(NotFound):
    """The company does not exist."""

    def __init__(self) -> None:
        super().__init__("There is no company with this id.", field=("id",))


class NoDefaultCompany(NotFound):
    """The default company, which serves requests that name none, is missing or closed."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"There is no active company {slug!r}, the default one. Run `commerce migrate`.")


class CompanySlugTaken(AlreadyExists):
    """Another company already has this slug."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"Another company already has the slug {slug!r}. Choose another.", field=("slug",))


class CurrencyFrozen(NotAllowed):
    """The currency cannot change because the company has amounts in it."""

    def __init__(self, currency: str) -> None:
        super().__init__(
            f"The currency stays {currency}: there are prices, carts or orders in it. Create another company for "
            "another currency.",
            field=("currency",),
        )


class DefaultCompanyFixed(NotAllowed):
    """The default company keeps its slug and stays active, because requests that name no company use it."""

    def __init__(self, field: str) -> None:
        super().__init__(
            "This is the default company, which serves requests that name none: it keeps its slug and stays active.",
            field=(field,),
        )
