"""Tax classes of a company: their codes, the default one, and when they can be deleted."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.database import Reader, Tx
from domains.kernel.errors import DomainError
from domains.kernel.ids import new_id
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.validation import errors_of
from domains.tax.errors import TaxClassCodeTaken, TaxClassInUse, TaxClassNotFound
from domains.tax.events import TaxClassCreated, TaxClassDeleted, TaxClassUpdated
from domains.tax.models import Destination, Tax
from domains.tax.service import TaxService
from tests.domains.catalog.conftest import MakeProduct, catalog, category, make_product
from tests.domains.tax.conftest import MakeClass, MakeRate, SetSettings

__all__ = ["catalog", "category", "make_product"]


async def test_a_class_has_a_plain_code_and_a_name(tax: TaxService, tx: Tx) -> None:
    books = await tax.classes.create(tx, {"code": " Printed-Books ", "name": "Books"})
    assert (books.code, books.name, books.is_default) == ("printed-books", "Books", False)
    assert tx.events == [TaxClassCreated(tax_class_id=books.id, code="printed-books")]
    with pytest.raises(DomainError) as caught:
        await tax.classes.create(tx, {"code": "§ 12", "name": " "})
    assert [(type(each).__name__, *each.field) for each in errors_of(caught.value)] == [
        ("InvalidInput", "code"),
        ("Required", "name"),
    ]
    with pytest.raises(TaxClassCodeTaken, match="Choose another"):
        await tax.classes.create(tx, {"code": "printed-books", "name": "Books"})


async def test_a_change_names_what_changed(tax: TaxService, make_class: MakeClass, tx: Tx) -> None:
    books = await make_class("books")
    assert await tax.classes.update(tx, books.id, {"name": "Books"}) == books
    changed = await tax.classes.update(tx, books.id, {"name": "Printed books"})
    assert (changed.name, changed.code) == ("Printed books", "books")
    assert tx.events == [TaxClassUpdated(tax_class_id=books.id, changed=["name"])]
    with pytest.raises(TaxClassNotFound):
        await tax.classes.update(tx, new_id(), {"name": "None"})


async def test_a_new_default_class_takes_the_place_of_the_other(
    tax: TaxService, make_class: MakeClass, make_rate: MakeRate, tx: Tx, reader: Reader
) -> None:
    goods, food = await make_class(is_default=True), await make_class("food")
    await make_rate(goods, "0.19")
    await make_rate(food, "0.07")

    async def standard(db: Reader) -> Any:
        return (await tax.of_sale(db, Destination("DE"))).standard

    assert await standard(reader) == (Tax("VAT", Decimal("0.19")),)
    await tax.classes.update(tx, food.id, {"is_default": True})
    assert await standard(tx) == (Tax("VAT", Decimal("0.07")),)
    assert tx.events == [
        TaxClassUpdated(tax_class_id=goods.id, changed=["is_default"]),
        TaxClassUpdated(tax_class_id=food.id, changed=["is_default"]),
    ]
    await tax.classes.update(tx, food.id, {"is_default": False})
    assert await standard(tx) == (Tax("Tax", Decimal(0)),)


async def test_a_class_that_is_used_cannot_be_deleted(
    tax: TaxService,
    make_class: MakeClass,
    make_rate: MakeRate,
    make_product: MakeProduct,
    set_settings: SetSettings,
    tx: Tx,
) -> None:
    rated, sold, shipped, unused = [await make_class(code) for code in ("a", "b", "c", "d")]
    await make_rate(rated)
    await make_product(tax_class_id=sold.id)
    await set_settings(shipping_tax_class_id=shipped.id)
    for used in (rated, sold, shipped):
        with pytest.raises(TaxClassInUse, match="delete its rates first"):
            async with tx.savepoint():
                await tax.classes.delete(tx, used.id)
    await tax.classes.delete(tx, unused.id)
    assert tx.events == [TaxClassDeleted(tax_class_id=unused.id, code="d")]
    with pytest.raises(TaxClassNotFound):
        await tax.classes.delete(tx, unused.id)


async def test_classes_are_listed_in_the_order_of_their_creation(
    tax: TaxService, make_class: MakeClass, reader: Reader
) -> None:
    codes = ["standard", "books", "food"]
    made = [await make_class(code) for code in codes]
    page = await tax.classes.find_page(reader, PageArgs(first=2))
    assert [each.code for each in page.items] == ["standard", "books"]
    found = await tax.classes.find_page(reader, PageArgs(first=2), search="FOO")
    assert list(found.items) == [made[2]]
    assert await tax.classes.find(reader, made[0].id) == made[0]


async def test_another_company_s_class_does_not_exist(
    tax: TaxService, make_class: MakeClass, other_company: UUID, database: Any
) -> None:
    books = await make_class("books")
    with pytest.raises(TaxClassNotFound):
        await tax.classes.find(database.reader(other_company), books.id)
