"""Personal data: what the domains' functions to export, erase and merge get, and what the kernel itself erases."""

import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from typing import Any, Final, TypeAlias
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.events import Event
from domains.kernel.idempotency.keys import key_of_user
from domains.kernel.serialization import to_json_value

ERASED: Final = "Erased"
"""What stands in place of an erased text that must not be empty."""
_DOMAIN: Final = "@erased.invalid"
# Of rows with a user it is the user that counts; the address is that of guests.
OF_PERSON: Final = "(user_id = $2 or (user_id is null and email = any($3)))"
"""SQL that is true for rows of a person with the columns `user_id` and `email`; $2 and $3 are `Person.keys`."""
_ERASE_EVENTS: Final = """
update outbox_events
set payload = payload || $4, last_error = case when last_error is not null then $5 end
where company_id is not distinct from $1 and topic = $2 and aggregate_id = any($3)
"""
_REPLACE_USER: Final = """
update outbox_events
set actor_id = case when actor_id = $2 then $3 else actor_id end,
    aggregate_id = case when aggregate_id = $2 then $3 else aggregate_id end,
    payload = replace(payload::text, $2::uuid::text, $3::uuid::text)::jsonb
where company_id is not distinct from $1
  and (actor_id = $2 or aggregate_id = $2 or strpos(payload::text, $2::uuid::text) > 0)
"""
_DELETE_REQUESTS: Final = "delete from idempotency_keys where company_id = $1 and actor_key = $2"
_REQUESTS_WITH: Final = """
select id, outcome from idempotency_keys
where company_id = $1 and strpos(outcome::text, btrim(to_jsonb($2::text)::text, '"')) > 0
for update
"""
_STORE_OUTCOME: Final = "update idempotency_keys set outcome = $3 where company_id = $1 and id = $2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person as rows identify them: the user, if there is an account, and the addresses of orders as a guest."""

    user_id: UUID | None
    emails: tuple[str, ...]

    @property
    def user_ids(self) -> tuple[UUID, ...]:
        """The user, or nothing for a guest."""
        return () if self.user_id is None else (self.user_id,)

    @property
    def keys(self) -> tuple[UUID | None, list[str]]:
        """The parameters of `OF_PERSON`."""
        return self.user_id, list(self.emails)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """A person whose data is erased. Rows that stay get `erased_id` for the user, and `email` for the address.

    `texts` are the person's names, addresses and telephone numbers, to be found in texts that stay.
    """

    person: Person
    erased_id: UUID
    texts: tuple[str, ...] = ()

    @property
    def replaced_ids(self) -> tuple[UUID, ...]:
        """The user whose id is replaced; nothing when the user's own row becomes the erased one, and for a guest."""
        return tuple(user_id for user_id in self.person.user_ids if user_id != self.erased_id)

    @property
    def email(self) -> str:
        """The address in place of the person's; no mail can be sent to it."""
        return erased_email(self.erased_id)


Export: TypeAlias = Callable[[Any, Reader, Person], Awaitable[Mapping[str, Any]]]
"""What a domain stores about a person in the handle's company, in terms of JSON and without secrets."""
Erase: TypeAlias = Callable[[Any, Tx, Erasure], Awaitable[int]]
"""Erases or anonymizes what a domain stores about a person in the company; the number of rows. Repeating changes
nothing."""
Merge: TypeAlias = Callable[[Any, Tx, Person, UUID], Awaitable[int]]
"""Moves what a domain stores about a person in the company to another user; the number of rows."""


def exported(rows: Iterable[Any], *, without: Collection[str] = ()) -> list[dict[str, Any]]:
    """Rows or records in terms of JSON, without the company's id and these columns."""
    hidden = {"company_id", *without}
    found = (row if is_dataclass(row) else dict(row) for row in rows)
    return [{name: value for name, value in to_json_value(row).items() if name not in hidden} for row in found]


def erased_email(erased_id: UUID) -> str:
    """The address in place of that of an erased person."""
    return f"erased-{erased_id}{_DOMAIN}"


def is_erased(email: str) -> bool:
    """Whether an address stands in place of that of an erased person."""
    return email.endswith(_DOMAIN)


def contains_any(text: str | None, wanted: Collection[str]) -> bool:
    """Whether one of these texts occurs in a text as whole words, in any case."""
    return text is not None and any(
        re.search(rf"(?<!\w){re.escape(each.casefold())}(?!\w)", text.casefold()) for each in wanted if each.strip()
    )


async def merge_nothing(_service: Any, _tx: Tx, _person: Person, _user_id: UUID) -> int:
    """The `merge_person` of a domain whose rows name people by the user's id in a ledger, which then stays."""
    return 0


async def erase_events(tx: Tx, events: Sequence[type[Event]], aggregate_ids: Collection[UUID], email: str) -> None:
    """Replace the `personal` fields of the company's stored events about these objects, delivered or not."""
    for event in events:
        if event.personal:
            patch = {name: email if name.endswith("email") else ERASED for name in event.personal}
            await tx.execute(_ERASE_EVENTS, tx.company_id, event.topic, list(aggregate_ids), patch, ERASED)


async def erase_traces(tx: Tx, erasure: Erasure) -> None:
    """Erase a person's requests, and replace the user in stored events, in the handle's company.

    The stored outcomes of a user's requests are deleted, and the person's addresses in those of guests replaced.
    """
    for user_id in erasure.replaced_ids:
        await tx.execute(_REPLACE_USER, tx.company_id, user_id, erasure.erased_id)
    for user_id in erasure.person.user_ids:
        await tx.execute(_DELETE_REQUESTS, tx.company_id, key_of_user(user_id))
    for email in erasure.person.emails:
        for row in await tx.fetch(_REQUESTS_WITH, tx.company_id, email):
            outcome = _replace_email(row["outcome"], email, erasure.email)
            await tx.execute(_STORE_OUTCOME, tx.company_id, row["id"], outcome)


def _replace_email(value: Any, email: str, replacement: str) -> Any:
    """A JSON value in which the address is replaced, but no longer address that contains it."""
    if isinstance(value, dict):
        return {key: _replace_email(each, email, replacement) for key, each in value.items()}
    if isinstance(value, list):
        return [_replace_email(each, email, replacement) for each in value]
    return _address(email).sub(replacement, value) if isinstance(value, str) else value


def _address(email: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.+-]){re.escape(email)}(?![\w-]|\.\w)", re.IGNORECASE)
