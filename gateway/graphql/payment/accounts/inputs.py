"""The inputs of accounts at payment providers."""

from collections.abc import Iterator
from contextlib import contextmanager

import strawberry

from domains.kernel.errors import DomainError, InvalidInput
from domains.kernel.validation import collect_errors, errors_of
from domains.kernel.values.secret import Secret
from domains.payment.accounts.accounts import AccountChanges


@strawberry.input(description="A credential of an account at a payment provider.")
class PaymentCredentialInput:
    """A name of `PaymentCredential` with its new value."""

    name: str = strawberry.field(description="The name of one of the provider's `credentials`.")
    value: Secret = strawberry.field(
        description="The value as the provider shows it. It is never logged, and shown again only if it is no secret."
    )


@strawberry.input(description="Changes of the company's account at a payment provider.")
class PaymentProviderUpdateInput:
    """The provider by name, and what changes."""

    provider: str = strawberry.field(description="The name of the provider, such as STRIPE.")
    is_enabled: bool | None = strawberry.field(
        default=None,
        description="Whether it takes new payments; null or absent leaves it as it is, true for a new account.",
    )
    credentials: list[PaymentCredentialInput] = strawberry.field(
        default_factory=list,
        description="The credentials that change; others stay. A new account needs all of them.",
    )

    def as_changes(self) -> AccountChanges:
        """The domain's changes. Raises InvalidInput for a credential that is given twice."""
        values: dict[str, Secret] = {}
        with collect_errors() as errors:
            for index, each in enumerate(self.credentials):
                with errors:
                    if each.name in values:
                        raise InvalidInput(
                            "This credential is given twice. Give it once.", field=("credentials", str(index), "name")
                        )
                    values[each.name] = each.value
        return AccountChanges(is_enabled=self.is_enabled, credentials=values)

    @contextmanager
    def placing_errors(self) -> Iterator[None]:
        """Point errors at the list item of a credential that the domain names; a missing one is of the list."""
        places = {each.name: str(index) for index, each in enumerate(self.credentials)}
        try:
            yield
        except DomainError as error:
            for single in errors_of(error):
                if len(single.field) == 2 and single.field[0] == "credentials":
                    place = places.get(single.field[1])
                    single.field = ("credentials",) if place is None else ("credentials", place)
            raise
