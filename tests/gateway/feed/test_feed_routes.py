"""Product files over HTTP: permissions, refusals and responses."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from domains.kernel.ids import new_id
from gateway.http.file_routes import uploads
from gateway.http.file_routes.uploads import MAX_UPLOADS
from tests.domains.feed.files import FIXTURES, csv_bytes, mug
from tests.domains.feed.shops import Shop
from tests.domains.feed.woocommerce.exports import COLOURS, export, simple, variable, variation
from tests.gateway.site import Site

KNITWEAR = (FIXTURES / "knitwear.csv").read_bytes()
BAD = csv_bytes(mug(), {"Handle": "cup"})
Send = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def upload(site: Site) -> Send:
    """Upload a file with a token."""

    async def send(content: Any, query: str = "", token: str | None = "importer", **headers: str) -> httpx.Response:
        given = {"content-type": "text/csv", **{name.replace("_", "-"): value for name, value in headers.items()}}
        return await site.send("POST", token, f"/import/products{query}", content=content, headers=given)

    return send


def code(response: httpx.Response) -> str:
    return str(response.json()["errors"][0]["extensions"]["code"])


async def test_an_upload_is_imported_and_reported(upload: Send, shop: Shop) -> None:
    response = await upload(KNITWEAR, content_type="Text/CSV; charset=UTF-8")
    assert response.status_code == 200
    report = response.json()
    assert report.pop("seconds") >= 0
    assert report.pop("rowsPerSecond") >= 0
    assert "Variant Fulfillment Service" in report.pop("ignoredColumns")
    assert report == {
        "format": "Shopify",
        "dryRun": False,
        "strict": False,
        "applied": True,
        "rows": 4,
        "productsCreated": 2,
        "productsUpdated": 0,
        "productsUnchanged": 0,
        "productsFailed": 0,
        "productsSkipped": 0,
        "variants": 4,
        "stockRows": 4,
        "stockChanges": 4,
        "newWithoutStock": 0,
        "duplicateSkus": 0,
        "badRowCount": 0,
        "badRows": [],
        "warningCount": 0,
        "warnings": [],
        "hints": [],
    }
    assert sorted(await shop.products()) == ["aran-jumper", "felt-hat"]


async def test_an_export_of_woocommerce_is_recognized_by_its_heading(upload: Send, shop: Shop) -> None:
    shirt, red = variable(1, "Shirt", COLOURS, SKU="S"), variation(2, "S", "Red", Stock="3")
    report = (await upload(export(shirt, red, simple(3, "Set") | {"Type": "grouped"}))).json()
    assert (report["format"], report["productsCreated"], report["productsSkipped"]) == ("WooCommerce", 1, 1)
    assert (report["badRows"], [warning["line"] for warning in report["warnings"]]) == ([], [4])
    assert await shop.prices("shirt") == {"id:1.red": "20.00"}


async def test_an_export_of_woocommerce_in_another_language_is_refused(upload: Send) -> None:
    heading = b'ID,Typ,Name,"Ist hervorgehoben?","Vorr\xc3\xa4tig?","Einzeln verkaufen?"\n1,simple,Tasse,0,1,0\n'
    response = await upload(heading)
    assert response.status_code == 400
    message = response.json()["errors"][0]["message"]
    assert "looks like WooCommerce's product export, with headings in another language than English" in message


async def test_an_invalid_row_is_reported_and_the_others_are_stored(upload: Send, shop: Shop) -> None:
    response = await upload(BAD)
    assert response.status_code == 200
    assert response.json()["badRows"] == [
        {
            "line": 3,
            "handle": "cup",
            "reason": "`Title` is missing on the product's first row.",
            "column": "Title",
            "code": "INVALID",
        }
    ]
    assert list(await shop.products()) == ["mug"]


@pytest.mark.parametrize(
    ("query", "status"), [("?strict=true", 422), ("?dryRun=true", 200), ("?dryRun=TRUE&strict=true", 200)]
)
async def test_strict_and_dry_run_store_nothing(upload: Send, shop: Shop, query: str, status: int) -> None:
    response = await upload(BAD, query)
    assert (response.status_code, response.json()["applied"], response.json()["badRowCount"]) == (status, False, 1)
    assert await shop.products() == {}


async def test_options_of_an_import_are_query_parameters(upload: Send, shop: Shop) -> None:
    sized = mug(Option1_Name="Size", Option1_Value="S", Variant_SKU="M", Variant_Inventory_Tracker="shopify")
    content = csv_bytes(sized, sized | {"Title": "", "Option1 Name": "", "Option1 Value": "L"})
    refused = (await upload(content)).json()
    assert (refused["duplicateSkus"], refused["badRows"][0]["code"]) == (1, "DUPLICATE_SKU")
    assert "`?duplicateSkus=suffix`" in refused["hints"][0]
    report = (await upload(content, "?duplicateSkus=suffix")).json()
    assert (report["productsCreated"], report["newWithoutStock"]) == (1, 2)
    assert "`?defaultStock=10`" in report["hints"][0]
    report = (await upload(content, "?duplicateSkus=Suffix&defaultStock=7")).json()
    assert (report["productsUnchanged"], report["stockChanges"], report["hints"]) == (1, 2, [])
    assert await shop.stock() == {"M.s": (7, 1), "M.l": (7, 1)}


async def test_warnings_are_reported_with_the_stored_products(upload: Send) -> None:
    report = (await upload(csv_bytes(mug(Variant_Inventory_Qty="-3")))).json()
    reason = "`Variant Inventory Qty` is -3; a negative stock is read as 0."
    warning = {"line": 2, "handle": "mug", "reason": reason, "column": "Variant Inventory Qty"}
    assert (report["warningCount"], report["warnings"], report["productsCreated"]) == (1, [warning], 1)


@pytest.mark.parametrize(
    ("token", "status", "refusal"),
    [(None, 401, "UNAUTHENTICATED"), ("nobody", 401, "UNAUTHENTICATED"), ("customer", 403, "FORBIDDEN"),
     ("reader", 403, "FORBIDDEN"), ("exporter", 403, "FORBIDDEN")],
)  # fmt: skip
async def test_importing_requires_the_permission(
    upload: Send, shop: Shop, token: str | None, status: int, refusal: str
) -> None:
    response = await upload(KNITWEAR, token=token)
    assert (response.status_code, code(response)) == (status, refusal)
    assert await shop.products() == {}


async def test_managing_products_includes_importing_them(upload: Send) -> None:
    assert (await upload(KNITWEAR, token="staff")).status_code == 200


@pytest.mark.parametrize(
    ("content", "headers", "query", "status", "refusal"),
    [
        (KNITWEAR, {"content_type": "application/json"}, "", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (KNITWEAR, {"content_type": "text/csv; charset=latin-1"}, "", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (KNITWEAR, {"content_encoding": "gzip"}, "", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b"x" * 20_001, {}, "", 413, "PAYLOAD_TOO_LARGE"),
        (KNITWEAR, {}, "?strict=perhaps", 400, "BAD_REQUEST"),
        (KNITWEAR, {}, "?dryrun=true", 400, "BAD_REQUEST"),
        (KNITWEAR, {}, "?duplicateSkus=perhaps", 400, "BAD_REQUEST"),
        (KNITWEAR, {}, "?defaultStock=-1", 400, "BAD_REQUEST"),
        (KNITWEAR, {}, "?defaultStock=1000000001", 400, "BAD_REQUEST"),
        (b"", {}, "", 400, "UNREADABLE_FILE"),
        ("Handle,Title\nmüsli".encode("latin-1"), {}, "", 400, "MISSING_COLUMNS"),
        (b"Title\nMug\n", {}, "", 400, "MISSING_COLUMNS"),
        (KNITWEAR + b',"', {}, "", 400, "UNREADABLE_FILE"),
        (KNITWEAR, {"x_company": "elsewhere"}, "", 404, "COMPANY_NOT_FOUND"),
    ],
)
async def test_an_invalid_upload_is_refused_as_json_and_changes_nothing(
    upload: Send, shop: Shop, content: bytes, headers: dict[str, str], query: str, status: int, refusal: str
) -> None:
    response = await upload(content, query, **headers)
    assert (response.status_code, code(response)) == (status, refusal)
    assert await shop.products() == {}


async def test_a_body_without_a_declared_length_is_limited(upload: Send, shop: Shop) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 1_000

    response = await upload(endless())
    assert (response.status_code, code(response)) == (413, "PAYLOAD_TOO_LARGE")
    assert await shop.products() == {}


@pytest.mark.parametrize("patience", [0.05], indirect=True)
async def test_a_stalled_body_times_out(upload: Send, shop: Shop) -> None:
    async def stalled() -> AsyncIterator[bytes]:
        yield KNITWEAR[:1_000]
        await asyncio.Event().wait()

    response = await upload(stalled())
    assert (response.status_code, code(response)) == (408, "TIMEOUT")
    assert await shop.products() == {}


async def test_a_slow_body_times_out(upload: Send, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    async def dripping() -> AsyncIterator[bytes]:
        for octet in KNITWEAR:
            yield bytes([octet])
            await asyncio.sleep(0.001)

    monkeypatch.setattr(uploads, "GRACE_SECONDS", 0.02)
    response = await upload(dripping())
    assert (response.status_code, code(response)) == (408, "TIMEOUT")
    assert await shop.products() == {}


async def test_a_long_body_at_a_sufficient_rate_is_accepted(upload: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    async def steady() -> AsyncIterator[bytes]:
        yield KNITWEAR[:1_000]
        await asyncio.sleep(0.03)
        yield KNITWEAR[1_000:]

    monkeypatch.setattr(uploads, "GRACE_SECONDS", 0.02)
    monkeypatch.setattr(uploads, "MIN_BYTES_PER_SECOND", 1_000)
    assert (await upload(steady())).status_code == 200


async def test_uploads_beyond_the_limit_are_refused_with_retry_after(upload: Send) -> None:
    begun, go_on = asyncio.Barrier(MAX_UPLOADS + 1), asyncio.Event()

    async def never_ending() -> AsyncIterator[bytes]:
        await begun.wait()
        await go_on.wait()
        yield KNITWEAR

    uploads = [asyncio.ensure_future(upload(never_ending())) for _ in range(MAX_UPLOADS)]
    await begun.wait()
    refused = await upload(KNITWEAR)
    go_on.set()
    assert (refused.status_code, code(refused), refused.headers["retry-after"]) == (429, "RATE_LIMITED", "10")
    assert [answer.status_code for answer in await asyncio.gather(*uploads)] == [200] * MAX_UPLOADS
    assert (await upload(KNITWEAR)).status_code == 200


@pytest.mark.parametrize("query", [b"", b"strict=true"])
async def test_an_aborted_upload_stores_nothing(site: Site, shop: Shop, query: bytes) -> None:
    messages = iter([{"type": "http.request", "body": KNITWEAR[:-9], "more_body": True}, {"type": "http.disconnect"}])
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/import/products",
        "query_string": query,
        "headers": [(b"authorization", b"Bearer importer"), (b"content-type", b"text/csv")],
    }

    async def receive() -> Any:
        return next(messages)

    async def send(_message: Any) -> None:
        return

    await site.app(scope, receive, send)
    assert await shop.products() == {}


async def test_the_ledger_records_an_import_as_actor(upload: Send, shop: Shop) -> None:
    await upload(csv_bytes(mug(Variant_Inventory_Qty="3")))
    row = await shop.owner.fetchrow(
        "select m.actor_kind from stock_movements m join users u on u.id = m.performed_by where m.company_id = $1",
        shop.id,
    )
    assert row["actor_kind"] == "IMPORT"


async def test_waiting_imports_use_no_connection(upload: Send, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    running: list[int] = []
    most: list[int] = []
    real = shop.feed.import_products

    async def watched(*args: Any, **options: Any) -> Any:
        running.append(1)
        most.append(len(running))
        try:
            return await real(*args, **options)
        finally:
            running.pop()

    monkeypatch.setattr(shop.feed, "import_products", watched)
    answers = await asyncio.gather(*(upload(KNITWEAR) for _ in range(MAX_UPLOADS)))
    assert [answer.status_code for answer in answers] == [200] * MAX_UPLOADS
    assert max(most) == 2
    assert sum(answer.json()["productsCreated"] for answer in answers) == 2


async def test_an_export_can_be_imported_again(site: Site, upload: Send, shop: Shop) -> None:
    await upload(KNITWEAR)
    response = await site.send("GET", "exporter", "/export/products.csv")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"] == 'attachment; filename="products.csv"'
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.content == await shop.export_file()
    assert (await upload(response.content)).json()["productsUnchanged"] == 2


@pytest.mark.parametrize(("token", "status"), [(None, 401), ("customer", 403), ("importer", 403), ("staff", 200)])
async def test_exporting_requires_the_permission(site: Site, upload: Send, token: str | None, status: int) -> None:
    await upload(csv_bytes(mug() | {"Handle": f"secret-{new_id().hex}"}))
    response = await site.send("GET", token, "/export/products.csv")
    assert response.status_code == status
    assert (b"secret-" in response.content) is (status == 200)
