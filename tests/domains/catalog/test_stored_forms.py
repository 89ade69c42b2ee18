"""What is stored of a product is in the one form that a file can say, whoever writes it."""

from decimal import Decimal

from tests.domains.catalog.conftest import MakeProduct


async def test_a_comma_parts_two_tags(make_product: MakeProduct) -> None:
    assert (await make_product(tags=["a,b", " c ,", "a"])).tags == ["a", "b", "c"]


async def test_an_image_stands_once(make_product: MakeProduct) -> None:
    assert (await make_product(images=["/a.jpg", "/b.jpg", "/a.jpg"])).images == ["/a.jpg", "/b.jpg"]


async def test_a_price_to_compare_with_of_nothing_is_none(make_product: MakeProduct) -> None:
    assert (await make_product(compare_at_price=Decimal(0))).compare_at_price is None


async def test_a_description_has_no_space_around_what_is_left_of_it(make_product: MakeProduct) -> None:
    assert (await make_product(long_description="<script>x</script> <p>Mug</p> ")).long_description == "<p>Mug</p>"
