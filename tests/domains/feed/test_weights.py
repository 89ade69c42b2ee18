"""Weights of products in files, and whether they are shipped."""

from decimal import Decimal

import pytest

from domains.feed.models import FeedProduct
from tests.domains.feed.files import FIXTURES, csv_bytes, mug, read, read_one
from tests.domains.feed.shops import Shop
from tests.shared_data import SHARED

D = Decimal
GRAMS = "`Variant Grams` must be a number of grams from 0 to 100,000,000; it is {!r}. It is ignored."
UNIT = "`Variant Weight Unit` must be g, kg, lb or oz; it is {!r}. It is ignored."
SHIPPED = "`Variant Requires Shipping` must be TRUE or FALSE; it is {!r}. It is ignored."


@pytest.mark.parametrize(
    ("grams", "weight"),
    [
        ("300", D("0.300")),
        ("1250.0", D("1.250")),
        ("453.592", D("0.454")),
        ("0", D("0.000")),
        ("1,5", D("0.002")),
        ("100000000", D("100000.000")),
        ("", None),
    ],
)
def test_weights_are_in_grams_whatever_unit_is_shown(grams: str, weight: Decimal | None) -> None:
    product = read_one(csv_bytes(mug(Variant_Grams=grams, Variant_Weight_Unit="LB")))
    assert (product.variants[0].weight, product.warnings) == (weight, ())


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("Variant Grams", "heavy", GRAMS),
        ("Variant Grams", "-3", GRAMS),
        ("Variant Grams", "NaN", GRAMS),
        ("Variant Grams", "1e3", GRAMS),
        ("Variant Grams", "100000001", GRAMS),
        ("Variant Weight Unit", "stone", UNIT),
        ("Variant Requires Shipping", "perhaps", SHIPPED),
    ],
)
def test_nonsense_is_reported_with_its_line_and_ignored(column: str, cell: str, reason: str) -> None:
    product = read_one(csv_bytes(mug(), mug(Handle="cup") | {column: cell}).replace(b"mug,Mug,9.90,\n", b""))
    assert [(one.line, one.column, one.reason) for one in product.warnings] == [(2, column, reason.format(cell))]
    assert (product.variants[0].weight, product.requires_shipping) == (None, None)


def test_the_names_of_the_template_of_2024_are_known() -> None:
    cells = {"Weight value (grams)": "20", "Weight unit for display": "g", "Requires shipping": "FALSE"}
    product = read_one(csv_bytes(mug() | cells))
    assert (product.variants[0].weight, product.requires_shipping) == (D("0.020"), False)


def test_a_product_is_shipped_where_one_of_its_variants_is() -> None:
    rows = [
        mug(Option1_Name="Size", Option1_Value=size, Variant_Requires_Shipping=said)
        for size, said in (("S", "false"), ("M", "true"), ("L", ""))
    ]
    product = read_one(csv_bytes(*rows))
    assert product.requires_shipping is True
    assert [(one.line, one.column, one.reason) for one in product.warnings] == [
        (
            2,
            "Variant Requires Shipping",
            "`Variant Requires Shipping` is FALSE here and TRUE on line 3; the product is imported as shipped.",
        )
    ]


async def test_a_file_without_the_columns_changes_neither(shop: Shop) -> None:
    await shop.import_file(csv_bytes(mug(Variant_SKU="M", Variant_Grams="300", Variant_Requires_Shipping="false")))
    report = await shop.import_file(csv_bytes(mug(Variant_SKU="M")))
    assert (report.products_unchanged, await measures(shop)) == (1, {"mug": (D("0.300"), False)})
    report = await shop.import_file(csv_bytes(mug(Variant_SKU="M", Variant_Grams="nonsense")))
    assert (report.warning_count, await measures(shop)) == (1, {"mug": (D("0.300"), False)})
    report = await shop.import_file(
        csv_bytes(mug(Variant_SKU="M", Variant_Grams="", Variant_Requires_Shipping="yes"))
    )
    assert (report.products_updated, await measures(shop)) == (1, {"mug": (None, True)})


async def test_the_weights_of_a_real_file_are_imported(shop: Shop) -> None:
    await shop.import_file((FIXTURES / "pottery.csv").read_bytes())
    rows = await shop.owner.fetch(
        "select sku, weight from product_variants where company_id = $1 and weight is not null order by sku", shop.id
    )
    weights = [row["weight"] for row in rows]
    assert weights
    assert set(weights) <= {D("0.300"), D("0.480")}
    assert (await shop.import_file(await shop.export_file())).products_unchanged == 4


@pytest.mark.skipif(not SHARED.exists(), reason="the files lie beside the project, and not everywhere")
@pytest.mark.parametrize("name", ["shopify-apparel.csv", "shopify-home-and-garden.csv"])
def test_files_of_shopify_have_no_warnings_of_weights(name: str) -> None:
    for entry in read((SHARED / name).read_bytes()):
        assert isinstance(entry, FeedProduct)
        assert not [one for one in entry.warnings if one.column and ("Grams" in one.column or "Weight" in one.column)]
        assert entry.requires_shipping


async def measures(shop: Shop) -> dict[str, tuple[Decimal | None, bool]]:
    """The weight of each product, and whether it is shipped."""
    rows = await shop.owner.fetch(
        "select slug, weight, requires_shipping from products where company_id = $1", shop.id
    )
    return {row["slug"]: (row["weight"], row["requires_shipping"]) for row in rows}
