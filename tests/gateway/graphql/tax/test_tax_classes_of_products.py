"""The tax classes of products, and the tax settings of a company."""

from typing import Any, Final

import pytest

from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from tests.domains.actors import administrator, member
from tests.gateway.graphql.tax.operations import DELETE_CLASS, make_class
from tests.gateway.site import Site

A, R = PermissionAction, PermissionResource
CATEGORY: Final = """mutation ($input: CategoryCreateInput!) {
  categoryCreate(input: $input) { category { id } errors { code path } } }"""
CREATE: Final = """mutation ($input: ProductCreateInput!) { productCreate(input: $input) {
  product { id slug taxClass { code } } errors { code message path } } }"""
UPDATE: Final = """mutation ($input: ProductUpdateInput!) { productUpdate(input: $input) {
  product { id taxClass { code } } errors { code message path } } }"""
DELETE: Final = """mutation ($input: ProductDeleteInput!) {
  productDelete(input: $input) { deletedId errors { code } } }"""
LIST: Final = "query { products(first: 10) { nodes { name taxClass { code } } } }"
SETTINGS: Final = """mutation ($input: CompanySettingsUpdateInput!) { companySettingsUpdate(input: $input) {
  company { taxCountry taxProvince taxPostalCode shippingTaxMethod shippingTaxClassId vatNumber
    reverseChargeCountries } errors { code message path } } }"""


@pytest.fixture
def boss(site: Site) -> Actor:
    return administrator(site.company_id)


async def make_product(site: Site, boss: Actor, name: str, **given: Any) -> Any:
    category = (await site.do(CATEGORY, boss, name=name))["category"]["id"]
    return (await site.do(CREATE, boss, name=name, categoryId=category, basePrice="10", **given))["product"]


async def test_a_product_has_a_class_or_the_default_one(site: Site, boss: Actor) -> None:
    books = await make_class(site, boss, "books")
    tea = await make_product(site, boss, "Tea")
    novel = await make_product(site, boss, "Novel", taxClassId=books)
    assert (tea["taxClass"], novel["taxClass"]) == (None, {"code": "books"})
    assert (await site.do(UPDATE, boss, id=tea["id"], taxClassId=books))["product"]["taxClass"] == {"code": "books"}
    assert (await site.do(UPDATE, boss, id=tea["id"], name="Green tea"))["product"]["taxClass"] == {"code": "books"}
    assert (await site.do(UPDATE, boss, id=tea["id"], taxClassId=None))["product"]["taxClass"] is None
    await site.value(LIST, boss)
    found = await site.value(LIST, boss)
    assert {each["name"]: each["taxClass"] for each in found["nodes"]} == {
        "Green tea": None,
        "Novel": {"code": "books"},
    }
    assert site.count.data == 3  # the products, their classes by id, and the classes


async def test_an_unknown_class_of_a_product_is_refused_and_nothing_changes(
    site: Site, boss: Actor, other_company: Any, owner: Any
) -> None:
    foreign = new_id()
    await owner.execute(
        "insert into tax_classes (id, company_id, code, name, updated_at) values ($1, $2, 'x', 'X', now())",
        foreign,
        other_company,
    )
    tea = await make_product(site, boss, "Tea")
    for unknown in (str(new_id()), str(foreign)):
        for operation, given in (
            (UPDATE, {"id": tea["id"], "name": "Coffee"}),
            (CREATE, {"name": "Coffee", "basePrice": "5", "categoryId": await self_category(owner, tea["id"])}),
        ):
            error = await site.refused(operation, boss, **given, taxClassId=unknown)
            assert (error["code"], error["path"]) == ("NOT_FOUND", ["input", "taxClassId"])
    names = await owner.fetch("select name from products where company_id = $1", site.company_id)
    assert [row[0] for row in names] == ["Tea"]


async def self_category(owner: Any, product_id: str) -> str:
    return str(await owner.fetchval("select category_id from products where id = $1", product_id))


async def test_who_sees_the_class_of_a_product(site: Site, boss: Actor) -> None:
    await make_product(site, boss, "Novel", taxClassId=await make_class(site, boss, "books"), isActive=True)
    for resource in (R.PRODUCTS, R.SETTINGS):
        staff = member(site.company_id, "CLERK", 10, frozenset({Grant(resource, A.READ)}))
        assert (await site.value(LIST, staff))["nodes"] == [{"name": "Novel", "taxClass": {"code": "books"}}]
    for who in (None, member(site.company_id, "CLERK", 10, frozenset({Grant(R.ORDERS, A.MANAGE)}))):
        answer = await site.ask(LIST, who)
        assert answer["errors"][0]["extensions"]["code"] == ("UNAUTHENTICATED" if who is None else "FORBIDDEN")


async def test_a_class_of_archived_products_only_can_be_deleted(site: Site, boss: Actor) -> None:
    books = await make_class(site, boss, "books")
    novel = await make_product(site, boss, "Novel", taxClassId=books)
    assert (await site.refused(DELETE_CLASS, boss, id=books))["code"] == "TAX_CLASS_IN_USE"
    await site.do(DELETE, boss, id=novel["id"])
    assert (await site.do(DELETE_CLASS, boss, id=books))["deletedId"] == books


async def test_the_tax_settings_have_one_form(site: Site, boss: Actor) -> None:
    books = await make_class(site, boss, "books")
    given = {
        "taxCountry": "de",
        "taxProvince": " Québec ",
        "taxPostalCode": "h2x 1y4",
        "shippingTaxMethod": "TAX_CLASS",
        "shippingTaxClassId": books,
        "vatNumber": "de 136 695 976",
        "reverseChargeCountries": ["no", "CH", "NO"],
    }
    company = (await site.do(SETTINGS, boss, **given))["company"]
    assert company == {
        "taxCountry": "DE",
        "taxProvince": "Québec",
        "taxPostalCode": "H2X1Y4",
        "shippingTaxMethod": "TAX_CLASS",
        "shippingTaxClassId": books,
        "vatNumber": "DE136695976",
        "reverseChargeCountries": ["CH", "NO"],
    }
    error = await site.refused(SETTINGS, boss, taxCountry=None)
    assert (error["code"], error["path"]) == ("NOT_APPLICABLE", ["input", "vatNumber"])
    error = await site.refused(SETTINGS, boss, taxCountry=None, vatNumber=None)
    assert (error["code"], error["path"]) == ("NOT_APPLICABLE", ["input", "taxProvince"])
    for wrong in ({"taxCountry": "FR"}, {"vatNumber": "FR23334175221"}):
        error = await site.refused(SETTINGS, boss, **wrong)
        assert (error["code"], error["path"]) == ("VAT_NUMBER_OF_ANOTHER_COUNTRY", ["input", "vatNumber"])
    error = await site.refused(SETTINGS, boss, shippingTaxClassId=str(new_id()))
    assert (error["code"], error["path"]) == ("NOT_FOUND", ["input", "shippingTaxClassId"])
    error = await site.refused(SETTINGS, boss, shippingTaxMethod=None)
    assert (error["code"], error["path"]) == ("REQUIRED", ["input", "shippingTaxMethod"])
