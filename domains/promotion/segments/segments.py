"""Customer segments: groups of customers by conditions, for whom promotions are, and their lists of members."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.errors import TooMany
from domains.kernel.pagination.keyset import Sort, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.text.validation import Required, optional_text, require_text
from domains.kernel.validation import collect_errors, prefix_errors
from domains.promotion import data
from domains.promotion.events import CustomerSegmentCreated, CustomerSegmentDeleted, CustomerSegmentUpdated
from domains.promotion.segments import sql
from domains.promotion.segments.conditions import Condition, checked, parsed, stored
from domains.promotion.segments.contradictions import contradiction
from domains.promotion.segments.errors import (
    ConditionsContradict,
    SegmentInUse,
    SegmentLoop,
    SegmentNameTaken,
    SegmentNotFound,
)
from domains.promotion.segments.models import CustomerSegment, CustomerSegmentMember, NewSegment, SegmentChanges
from domains.promotion.segments.references import MAX_CHAIN, longest_chain, loop_at

MAX_SEGMENTS: Final = 100
MAX_MEMBERS: Final = 100
FIELDS: Final = ("name", "description", "conditions")
BY_NAME: Final = Sort("name", str, "asc")
NEWEST_FIRST: Final = Sort("created_at", datetime, "desc")


class CustomerSegments:
    """The segments of a company. Changes wait for each other, so that no two together make a loop."""

    async def find(self, db: Reader, args: PageArgs) -> Page[CustomerSegment]:
        """One page of the segments, by name. Raises what `fetch_page` raises."""
        return await fetch_page(data.customer_segment, db, args, sort=BY_NAME)

    async def by_id(self, db: Reader, ids: Collection[UUID]) -> list[CustomerSegment]:
        """The segments of these ids, in no order. One statement."""
        return await data.customer_segment.find_many(db, where={"id": {"in": list(ids)}})

    async def require(self, db: Reader, segment_id: UUID | None) -> None:
        """Raise SegmentNotFound for a segment that a promotion or coupon names but that does not exist.

        At most one statement. A segment that is being deleted is waited for, by the foreign key.
        """
        if segment_id is not None and not await self.by_id(db, [segment_id]):
            raise SegmentNotFound(field=("segment_id",))

    async def find_members(self, db: Reader, segment_id: UUID, args: PageArgs) -> Page[CustomerSegmentMember]:
        """One page of the list of a segment, newest first; empty for an unknown one."""
        where = {"segment_id": segment_id}
        return await fetch_page(data.customer_segment_member, db, args, sort=NEWEST_FIRST, where=where)

    async def members_by_id(self, db: Reader, ids: Collection[UUID]) -> list[CustomerSegmentMember]:
        """The members of these ids, in no order. One statement."""
        return await data.customer_segment_member.find_many(db, where={"id": {"in": list(ids)}})

    async def create(self, tx: Tx, new: NewSegment) -> CustomerSegment:
        """Create a segment.

        Raises, for all fields at once, Required, TooLong, what `conditions.checked` raises, ConditionsContradict and
        SegmentNotFound for a condition; SegmentNameTaken, and TooMany beyond 100 segments or 5 that refer to each
        other. Emits CustomerSegmentCreated.
        """
        await sql.lock(tx)
        others = await data.customer_segment.find_many(tx)
        if len(others) >= MAX_SEGMENTS:
            raise TooMany(f"A company has at most {MAX_SEGMENTS} customer segments. Delete one that is not used.")
        row = _validated({"description": None, **new}, others)
        segment = await data.customer_segment.create(tx, row)
        _require_no_loop(segment.id, [*others, segment])
        tx.emit(CustomerSegmentCreated(segment_id=segment.id, name=segment.name))
        return segment

    async def update(self, tx: Tx, segment_id: UUID, changes: SegmentChanges) -> CustomerSegment:
        """Change a segment; absent fields do not change. Orders keep their discounts.

        Raises SegmentNotFound, SegmentLoop with the names on the way, and as `create`. Emits CustomerSegmentUpdated
        when anything changes.
        """
        await sql.lock(tx)
        others = await data.customer_segment.find_many(tx)
        current = next((each for each in others if each.id == segment_id), None)
        if current is None:
            raise SegmentNotFound
        others.remove(current)
        values = {**{name: getattr(current, name) for name in FIELDS}, **changes}
        row = _validated(values, [*others, current], current)
        segment = await data.customer_segment.update(tx, id=segment_id, data=row)
        _require_no_loop(segment_id, [*others, segment])
        changed = [name for name in FIELDS if getattr(current, name) != getattr(segment, name)]
        if changed:
            tx.emit(CustomerSegmentUpdated(segment_id=segment_id, changed=changed))
        return segment

    async def delete(self, tx: Tx, segment_id: UUID) -> None:
        """Delete a segment with its list.

        Raises SegmentNotFound, and SegmentInUse with the promotions and segments that name it. Emits
        CustomerSegmentDeleted.
        """
        await sql.lock(tx)
        # A promotion that is being given the segment holds its row; what is committed then is seen by `used_by`.
        segment = await data.customer_segment.find_unique(tx, id=segment_id, lock=True)
        if segment is None:
            raise SegmentNotFound
        if names := await sql.used_by(tx, segment_id):
            raise SegmentInUse(names)
        await data.customer_segment.delete(tx, id=segment_id)
        tx.emit(CustomerSegmentDeleted(segment_id=segment_id, name=segment.name))

    async def add_members(self, tx: Tx, segment_id: UUID, user_ids: Sequence[UUID]) -> CustomerSegment:
        """Put customers on the list of a segment; the caller has checked that there are such customers. Idempotent.

        Raises SegmentNotFound, and TooMany for more than 100. Emits CustomerSegmentUpdated when the list changes.
        """
        segment = await self._require(tx, segment_id, user_ids)
        if await sql.add_members(tx, segment_id, set(user_ids)):
            tx.emit(CustomerSegmentUpdated(segment_id=segment_id, changed=["members"]))
        return segment

    async def remove_members(self, tx: Tx, segment_id: UUID, user_ids: Sequence[UUID]) -> CustomerSegment:
        """Take customers off the list of a segment. Idempotent. Raises and emits as `add_members`."""
        segment = await self._require(tx, segment_id, user_ids)
        where: data.CustomerSegmentMemberWhere = {"segment_id": segment_id, "user_id": {"in": list(user_ids)}}
        if await data.customer_segment_member.delete_many(tx, where=where):
            tx.emit(CustomerSegmentUpdated(segment_id=segment_id, changed=["members"]))
        return segment

    async def _require(self, tx: Tx, segment_id: UUID, user_ids: Sequence[UUID]) -> CustomerSegment:
        if len(user_ids) > MAX_MEMBERS:
            raise TooMany(f"Name at most {MAX_MEMBERS} customers at once.", field=("user_ids",))
        segment = await data.customer_segment.find_unique(tx, id=segment_id)
        if segment is None:
            raise SegmentNotFound
        return segment


def _validated(
    values: Mapping[str, Any], known: Sequence[CustomerSegment], current: CustomerSegment | None = None
) -> Any:
    """The columns of a segment. Raises all errors at once."""
    with collect_errors() as each:
        with each:
            name = require_text(values.get("name") or "", field="name")
            if any(other.name == name and other is not current for other in known):
                raise SegmentNameTaken(name)
        with each:
            description = optional_text(values["description"], field="description")
        with each:
            conditions = _conditions(values.get("conditions"), known, current)
    return {"name": name, "description": description, "conditions": conditions}


def _conditions(given: Any, known: Sequence[CustomerSegment], current: CustomerSegment | None) -> dict[str, Any]:
    """The stored form of conditions, which may be stored ones already."""
    if given is None:
        raise Required("A segment needs `conditions`.", field="conditions")
    if current is not None and given is current.conditions:
        return stored(parsed(given))
    with prefix_errors(("conditions",)):
        condition = checked(given)
    _require_segments(condition, known)
    if reason := contradiction(condition):
        raise ConditionsContradict(reason)
    return stored(condition)


def _require_segments(condition: Condition, known: Sequence[CustomerSegment]) -> None:
    if condition.segment_ids - {segment.id for segment in known}:
        raise SegmentNotFound(field=("conditions", "in_segment"))


def _require_no_loop(segment_id: UUID, segments: Sequence[CustomerSegment]) -> None:
    """Raise SegmentLoop for a loop, and TooMany for a longer chain of segments than 5."""
    names = {segment.id: segment.name for segment in segments}
    references = {segment.id: sorted(parsed(segment.conditions).segment_ids) for segment in segments}
    if loop := loop_at(segment_id, references):
        raise SegmentLoop([names[each] for each in loop])
    if len(chain := longest_chain(references)) > MAX_CHAIN:
        path = " → ".join(repr(names[each]) for each in chain)
        raise TooMany(f"At most {MAX_CHAIN} segments depend on each other in a row: {path}.", field=("conditions",))
