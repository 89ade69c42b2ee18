"""Who a request acts for: the company that it names, and the user of its bearer token."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.errors import NotFound, Unauthenticated
from domains.kernel.monitoring.statement_counts import counting
from gateway.companies import Companies
from gateway.graphql.core.errors import RequestRefused

Authenticator: TypeAlias = Callable[[str, UUID], Awaitable[Actor]]
Validity: TypeAlias = Callable[[str], float | None]


def unlimited(_token: str) -> None:
    """The validity of tokens that do not expire."""
    return


class Authentication:
    """Finds actors by the present state of companies and sessions.

    `validity` is the number of seconds for which an access token is still accepted; None is no limit.
    """

    def __init__(self, companies: Companies, authenticator: Authenticator, validity: Validity = unlimited) -> None:
        self._companies = companies
        self._authenticator = authenticator
        self._validity = validity

    def seconds_left(self, token: str | None) -> float | None:
        """The seconds for which a token is still accepted: 0 for one that is not, None without a limit."""
        try:
            return None if token is None else self._validity(token)
        except Unauthenticated:
            return 0

    async def actor(self, token: str | None, company: str | None = None) -> Actor:
        """The actor of a bearer token in a company (by slug; None is the default company).

        Without a token the actor is a guest, which needs no statement. Raises RequestRefused for an unknown company,
        and Unauthenticated for an invalid token.
        """
        try:
            found = await self._companies.find(company)
        except NotFound as error:
            raise RequestRefused("COMPANY_NOT_FOUND", error.message, status=404) from error
        if token is None:
            return Actor.anonymous(found.id)
        with counting(as_actor=True):
            return await self._authenticator(token, found.id)

    def forget_companies(self) -> None:
        """Read companies anew, since another process has changed one."""
        self._companies.forget()
