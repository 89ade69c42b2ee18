"""Products are stored in a form that a file can contain."""

from decimal import Decimal

from tests.domains.catalog.conftest import MakeProduct


async def test_a_comma_separates_two_tags(make_product: MakeProduct) -> None:
    assert (await make_product(tags=["a,b", " c ,", "a"])).tags == ["a", "b", "c"]


async def test_an_image_is_stored_once(make_product: MakeProduct) -> None:
    assert (await make_product(images=["/a.jpg", "/b.jpg", "/a.jpg"])).images == ["/a.jpg", "/b.jpg"]


async def test_a_compare_at_price_of_zero_is_stored_as_none(make_product: MakeProduct) -> None:
    assert (await make_product(compare_at_price=Decimal(0))).compare_at_price is None


async def test_a_sanitized_description_is_stripped_of_space(make_product: MakeProduct) -> None:
    assert (await make_product(long_description="<script>x</script> <p>Mug</p> ")).long_description == "<p>Mug</p>"
