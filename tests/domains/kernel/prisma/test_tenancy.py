"""Which rows the verbs read and write: always those of the handle's company."""

from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.prisma.errors import RecordNotFound, TenantGiven, TenantMissing
from tests.domains.kernel.prisma.sample import data


@pytest.fixture
async def widget(samples: Database, theirs: UUID) -> data.WidgetRow:
    """A row of theirs."""
    async with samples.transaction(Actor.system(theirs)) as tx:
        return await data.widget.create(tx, {"slug": "a", "name": "theirs"})


async def test_no_read_returns_the_row_of_another_company(db: Reader, widget: data.WidgetRow) -> None:
    assert await data.widget.find_unique(db, id=widget.id) is None
    assert await data.widget.find_unique(db, slug="a") is None
    assert await data.widget.find_first(db) is None
    assert await data.widget.find_many(db, where={"OR": [{"id": widget.id}, {"slug": "a"}]}) == []
    assert await data.widget.find_many(db, where={"NOT": {"slug": "z"}}) == []
    assert await data.widget.count(db) == 0


async def test_no_write_changes_the_row_of_another_company(
    samples: Database, tx: Tx, widget: data.WidgetRow, theirs: UUID
) -> None:
    for attempt in (
        data.widget.update(tx, id=widget.id, data={"name": "x"}),
        data.widget.update(tx, slug="a", data={"name": "x"}),
        data.widget.delete(tx, id=widget.id),
    ):
        with pytest.raises(RecordNotFound):
            await attempt
    assert await data.widget.update_many(tx, where={"OR": [{"id": widget.id}, {}]}, data={"name": "x"}) == 0
    assert await data.widget.delete_many(tx, where={}) == 0
    made = await data.widget.upsert(
        tx, where={"slug": "a"}, create={"slug": "a", "name": "ours"}, update={"name": "x"}
    )
    assert (made.name, made.company_id) == ("ours", tx.company_id)
    assert await data.widget.find_many(samples.reader(theirs)) == [widget]


async def test_a_company_id_in_arguments_is_refused(tx: Tx, theirs: UUID) -> None:
    given: Any = {"company_id": theirs}
    surplus: Any = {"slug": "a", "name": "a", **given}
    for attempt in (
        data.widget.find_many(tx, where=given),
        data.widget.find_many(tx, where={"OR": [{"NOT": given}]}),
        data.widget.find_many(tx, order_by=[{**given}]),
        data.widget.find_unique(tx, slug="a", **given),
        data.widget.create(tx, surplus),
        data.widget.create_many(tx, [surplus]),
        data.widget.update(tx, slug="a", data=given),
        data.widget.update_many(tx, where={}, data=given),
        data.widget.upsert(tx, where=given, create={"slug": "a", "name": "a"}, update={}),
    ):
        with pytest.raises(TenantGiven):
            await attempt
    assert await data.widget.count(tx) == 0


async def test_a_handle_without_a_company_cannot_access_tables_of_companies(samples: Database) -> None:
    reader_without_company = samples.reader(None)
    for attempt in (
        data.widget.find_many(reader_without_company),
        data.widget.find_unique(reader_without_company, slug="a"),
        data.widget.count(reader_without_company),
        data.part.find_first(reader_without_company),
    ):
        with pytest.raises(TenantMissing, match="reader"):
            await attempt


async def test_tables_without_a_company_are_readable_by_all(samples: Database, ours: UUID, theirs: UUID) -> None:
    async with samples.transaction(Actor.system(ours)) as tx:
        shop = await data.shop.create(tx, {"name": "S"})
    for company in (ours, theirs, None):
        assert await data.shop.find_unique(samples.reader(company), id=shop.id) == shop


@pytest.fixture
async def labels(samples: Database, ours: UUID, theirs: UUID) -> dict[str, data.LabelRow]:
    """A label of each, all with one code, and one shared label."""
    code = f"sale-{ours}"
    made: dict[str, data.LabelRow] = {}
    for whose, company, platform in (("nobody's", ours, True), ("theirs", theirs, False), ("ours", ours, False)):
        async with samples.transaction(Actor.system(company), platform=platform) as tx:
            made[whose] = await data.label.create(tx, {"code": code, "text": whose})
            if platform:
                made["other"] = await data.label.create(tx, {"code": f"new-{ours}", "text": "other"})
    return made


async def test_shared_rows_are_read_together_with_the_companys_own(
    samples: Database, labels: dict[str, data.LabelRow], ours: UUID
) -> None:
    codes: Any = {"code": {"in": [labels["ours"].code, labels["other"].code]}}
    seen = await data.label.find_many(samples.reader(ours), where=codes)
    assert {row.text for row in seen} == {"ours", "nobody's", "other"}
    shared = await data.label.find_many(samples.reader(None), where=codes)
    assert {row.text for row in shared} == {"nobody's", "other"}


async def test_the_companys_own_row_precedes_the_shared_one_with_the_same_key(
    samples: Database, labels: dict[str, data.LabelRow], ours: UUID
) -> None:
    db = samples.reader(ours)
    assert await data.label.find_unique(db, code=labels["ours"].code) == labels["ours"]
    assert await data.label.find_unique(db, code=labels["other"].code) == labels["other"]
    assert await data.label.find_unique(db, id=labels["theirs"].id) is None


async def test_a_company_cannot_change_shared_rows(tx: Tx, labels: dict[str, data.LabelRow]) -> None:
    for attempt in (
        data.label.update(tx, id=labels["other"].id, data={"text": "x"}),
        data.label.delete(tx, id=labels["other"].id),
        data.label.delete(tx, id=labels["theirs"].id),
    ):
        with pytest.raises(RecordNotFound):
            await attempt
    assert await data.label.update_many(tx, where={}, data={"text": "x"}) == 1
    assert await data.label.delete_many(tx, where={}) == 1


async def test_a_handle_without_a_company_changes_only_shared_rows(
    samples: Database, labels: dict[str, data.LabelRow], ours: UUID
) -> None:
    async with samples.transaction(Actor.system(ours), platform=True) as tx:
        assert (await data.label.update(tx, id=labels["other"].id, data={"text": "x"})).text == "x"
        for whose in ("ours", "theirs"):
            with pytest.raises(RecordNotFound):
                await data.label.delete(tx, id=labels[whose].id)
        with pytest.raises(TenantMissing):
            await data.widget.create(tx, {"slug": "a", "name": "a"})
