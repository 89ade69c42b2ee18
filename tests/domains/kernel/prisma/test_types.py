"""Type checking of calls: correct ones pass, a wrong name or type is reported."""

import re
import sys
from pathlib import Path
from subprocess import run

ROOT = Path(__file__).parents[4]
CALLS = """
from decimal import Decimal
from uuid import UUID

from domains.kernel.database import Reader, Tx
from tests.domains.kernel.prisma.sample import data
from tests.domains.kernel.prisma.sample.data import Material


async def reads(db: Reader, id: UUID) -> None:
    row: data.WidgetRow | None = await data.widget.find_unique(db, id=id)
    rows: list[data.WidgetRow] = await data.widget.find_many(
        db,
        where={"kind": {"in": [Material.WOOD]}, "OR": [{"name": {"contains": "a", "mode": "insensitive"}}],
               "NOT": {"tags": {"has": "x"}}, "discount": None, "price": {"gte": Decimal(1)}},
        order_by=[{"created_at": "desc"}, {"rank": {"sort": "asc", "nulls": "first"}}],
        cursor={"created_at": 1},
    )
    print(row, rows)
    await data.widget.find_unique(db, name="x")  # wrong: no unique key
    await data.widget.find_unique(db, id="x")  # wrong: not a UUID
    await data.widget.find_unique(db, slug="x", company_id=id)  # wrong: the handle's
    await data.widget.find_many(db, where={"nam": "x"})  # wrong: no column
    await data.widget.find_many(db, where={"company_id": id})  # wrong: the handle's
    await data.widget.find_many(db, where={"stock": "1"})  # wrong: not a number
    await data.widget.find_many(db, where={"slug": None})  # wrong: never missing
    await data.widget.find_many(db, where={"stock": {"contains": "1"}})  # wrong: no word for numbers
    await data.widget.find_many(db, where={"kind": "WOOD"})  # wrong: not the enum
    await data.widget.find_many(db, order_by=[{"name": "down"}])  # wrong: no direction
    await data.widget.find_many(db, order_by=[{"tags": "asc"}])  # wrong: no order in lists
    (await data.widget.find_many(db))[0].name = "x"  # wrong: rows do not change


async def writes(db: Reader, tx: Tx, id: UUID) -> None:
    await data.widget.create(tx, {"slug": "a", "name": "A", "price": Decimal(1), "materials": [Material.WOOD]})
    await data.widget.update(tx, slug="a", data={"stock": {"increment": 1}, "nickname": None})
    await data.label.upsert(tx, where={"code": "a"}, create={"code": "a"}, update={"text": "x"})
    await data.widget.create(db, {"slug": "a", "name": "A"})  # wrong: a Reader cannot write
    await data.widget.create(tx, {"slug": "a"})  # wrong: the name is missing
    await data.widget.create(tx, {"slug": "a", "name": "A", "company_id": id})  # wrong: the handle's
    await data.widget.create(tx, {"slug": "a", "name": "A", "price": 1.5})  # wrong: a float
    await data.widget.update(tx, id=id, data={"slug": None})  # wrong: never missing
    await data.widget.update(tx, id=id, data={"name": {"increment": 1}})  # wrong: a text does not grow
    await data.widget.update(tx, id=id, data={"id": id})  # wrong: a key stays
    await data.part.delete(tx, widget_id=id)  # wrong: half a key
    await data.widget.upsert(tx, where={"name": "a"}, create={"slug": "a", "name": "A"}, update={})  # wrong: no key
"""


def test_the_type_checker_reports_every_wrong_call_and_no_correct_one(tmp_path: Path) -> None:
    path = tmp_path / "calls.py"
    path.write_text(CALLS)
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--config-file=",
        "--cache-dir=.mypy_cache/calls",
        "--no-error-summary",
        str(path),
    ]
    output = run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    caught = {int(line) for line in re.findall(r"calls\.py:(\d+): error", output)}
    wrong = {number for number, line in enumerate(CALLS.splitlines(), 1) if "# wrong" in line}
    assert caught == wrong, output
