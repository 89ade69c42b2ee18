"""Picking lists, packing lists and packing slips as documents."""

import csv
import io
from collections.abc import Sequence
from typing import Final

from domains.kernel.text.csv_injection import neutralize_formulas
from domains.order.invoices.content import place_of
from domains.order.invoices.models import DocumentSettings
from domains.order.packing.packing_lists import PackingList, PickingList
from domains.shipping.shipments.models import number_of
from gateway.documents.formats import Formats, formats_of
from gateway.documents.invoices import address_lines
from gateway.documents.typesetter import Column, Document, File, Labelled, Place, Table, paper_of

CSV_HEADER: Final = ("SKU", "Name", "Location", "Units")
# RFC 4180, section 2.1.
CRLF: Final = "\r\n"


def picking_file(picking: PickingList, settings: DocumentSettings) -> File:
    """The units to pick in a warehouse, by location."""
    formats = formats_of(settings.document_language)
    texts = formats.texts
    columns = [
        Column(texts["location"], share=2),
        Column(texts["sku"], share=2),
        Column(texts["item"], share=4),
        Column(texts["units"], "right"),
    ]
    rows = [[each.location or "", each.sku, each.name, formats.number(each.units)] for each in picking.skus]
    title = f"{texts['picking_list']} {picking.warehouse.code}"
    facts = [
        Labelled(texts["warehouse"], f"{picking.warehouse.code}, {picking.warehouse.name}"),
        Labelled(texts["orders"], formats.number(picking.orders)),
        Labelled(texts["units"], formats.number(sum(each.units for each in picking.skus))),
    ]
    return _file(title, formats, settings, [Document(title=title, facts=facts, tables=[Table(columns, rows)])])


def picking_csv(picking: PickingList) -> bytes:
    """The units to pick in a warehouse as CSV; no text is run as a formula by a spreadsheet."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=CRLF)
    writer.writerow(CSV_HEADER)
    for each in picking.skus:
        texts = (each.sku, each.name, each.location or "")
        writer.writerow([*(neutralize_formulas(cell) for cell in texts), each.units])
    return text.getvalue().encode()


def slips_file(slips: Sequence[PackingList], settings: DocumentSettings) -> File:
    """A packing slip for each shipment, in the language of its order where all have the same."""
    return _packing_file("packing_slip", slips, settings)


def packing_file(lists: Sequence[PackingList], settings: DocumentSettings) -> File:
    """A packing list for each order."""
    return _packing_file("packing_list", lists, settings)


def _packing_file(name: str, lists: Sequence[PackingList], settings: DocumentSettings) -> File:
    languages = {each.order.language or settings.document_language for each in lists}
    formats = formats_of(languages.pop() if len(languages) == 1 else settings.document_language)
    title = formats.texts[name]
    return _file(title, formats, settings, [_packing(title, each, formats, settings) for each in lists])


def _packing(title: str, packing: PackingList, formats: Formats, settings: DocumentSettings) -> Document:
    texts, shipment = formats.texts, packing.shipment
    number = packing.order.order_number
    facts = [Labelled(texts["order"], number)]
    if shipment is not None:
        number = number_of(number, shipment.position)
        facts.append(Labelled(texts["shipment"], number))
        carrier, tracking = shipment.carrier_name, shipment.tracking_number
        named = ((texts["carrier"], carrier), (texts["tracking_number"], tracking))
        facts += [Labelled(label, value) for label, value in named if value]
    columns = [
        Column(texts["sku"], share=2),
        Column(texts["item"], share=5),
        Column(texts["quantity"], "right"),
    ]
    rows = [[line.sku, line.name, formats.number(line.units)] for line in packing.lines]
    places = [Place(texts["ship_to"], address_lines(place_of(packing.address), formats))] if packing.address else []
    return Document(
        title=f"{title} {number}",
        sender=_sender(settings, formats),
        places=places,
        facts=facts,
        tables=[Table(columns, rows)],
    )


def _file(title: str, formats: Formats, settings: DocumentSettings, documents: Sequence[Document]) -> File:
    return File(
        title=title,
        language=formats.texts.language,
        page=formats.texts["page"],
        documents=documents,
        paper=paper_of(settings.country),
    )


def _sender(settings: DocumentSettings, formats: Formats) -> list[str]:
    place = {
        "name": settings.legal_name,
        "line1": settings.address_line_1,
        "line2": settings.address_line_2,
        "postal_code": settings.postal_code,
        "city": settings.city,
        "province": settings.province,
        "country": settings.country,
    }
    return address_lines(place, formats)
