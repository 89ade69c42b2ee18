"""Invoices and credit notes as documents, made of their frozen content."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from domains.order.invoices.models import Content, Invoice, InvoiceKind
from gateway.documents.formats import Formats, formats_of
from gateway.documents.typesetter import Column, Document, File, Labelled, Place, Table, Typesetter, paper_of

EXEMPTIONS: Final = {"REVERSE_CHARGE": "reverse_charge", "EXPORT": "export"}


def file_of(invoice: Invoice) -> File:
    """The file of an invoice or a credit note, in its language."""
    formats = formats_of(invoice.language)
    content: Content = invoice.document
    texts = formats.texts
    title = f"{texts['invoice' if invoice.kind is InvoiceKind.INVOICE else 'credit_note']} {invoice.number}"
    document = Document(
        title=title,
        sender=address_lines(content["seller"], formats),
        places=_places(content, formats),
        facts=list(_facts(content, formats)),
        tables=[_table(content, formats)],
        sums=list(_sums(content, formats)),
        notes=_notes(content, formats),
        footer=_footer(content["seller"]),
    )
    paper = paper_of(content["seller"]["country"])
    return File(title=title, language=texts.language, page=texts["page"], documents=[document], paper=paper)


class InvoiceDocuments:
    """Makes the PDFs of invoices and credit notes that e-mails have as attachments."""

    def __init__(self, typesetter: Typesetter) -> None:
        self._typesetter = typesetter

    async def pdf(self, invoice: Invoice) -> bytes:
        """The PDF of an invoice or a credit note, the same bytes each time. Raises Busy and TooMany."""
        return await self._typesetter.pdf(file_of(invoice))


def address_lines(place: Mapping[str, Any], formats: Formats) -> list[str]:
    """The lines of an address, with the name of its country; those of an erased buyer are the country alone."""
    city = " ".join(part for part in (place.get("postal_code"), place.get("city")) if part)
    country = place.get("country")
    lines = [
        place.get("company"),
        place.get("name"),
        place.get("line1"),
        place.get("line2"),
        ", ".join(part for part in (city, place.get("province")) if part),
        formats.country(country) if country else None,
    ]
    return [line for line in lines if line]


def _places(content: Content, formats: Formats) -> list[Place]:
    places = [Place(formats.texts["bill_to"], address_lines(content["buyer"], formats))]
    if content["delivery"]:
        places.append(Place(formats.texts["ship_to"], address_lines(content["delivery"], formats)))
    return places


def _facts(content: Content, formats: Formats) -> Iterator[Labelled]:
    texts = formats.texts
    yield Labelled(texts["number"], content["number"])
    yield Labelled(texts["date"], formats.day(content["issued"]))
    if corrects := content.get("corrects"):
        of = texts["corrects_of"].format(number=corrects["number"], date=formats.day(corrects["issued"]))
        yield Labelled(texts["corrects"], of)
    yield Labelled(texts["order"], content["order_number"])
    yield Labelled(texts["ordered"], formats.day(content["ordered"]))
    if content["supplied"]:
        yield Labelled(texts["supplied"], formats.day(content["supplied"]))
    if content["seller"]["vat_number"]:
        yield Labelled(texts["vat_number"], content["seller"]["vat_number"])
    if content["buyer"].get("vat_number"):
        yield Labelled(texts["your_vat_number"], content["buyer"]["vat_number"])


def _table(content: Content, formats: Formats) -> Table:
    texts = formats.texts
    has_discount = any(Decimal(line["discount"] or 0) for line in content["lines"])
    columns = [
        Column(texts["sku"], share=2),
        Column(texts["item"], share=4),
        Column(texts["quantity"], "right"),
        Column(texts["unit_price"], "right"),
        *([Column(texts["discount"], "right")] if has_discount else []),
        Column(texts["tax_rate"], "right"),
        Column(texts["amount"], "right"),
    ]
    return Table(columns, [_row(line, content, formats, has_discount=has_discount) for line in content["lines"]])


def _row(line: Mapping[str, Any], content: Content, formats: Formats, *, has_discount: bool) -> list[str]:
    currency = content["currency"]

    def money(amount: str | None) -> str:
        return "" if amount is None else formats.money(amount, currency)

    return [
        line["sku"] or "",
        _name(line, formats),
        "" if line["quantity"] is None else formats.number(line["quantity"]),
        money(line["unit_price"]),
        *([money(line["discount"]) if Decimal(line["discount"] or 0) else ""] if has_discount else []),
        "" if line["tax_rate"] is None else formats.percent(line["tax_rate"]),
        money(line["total"]),
    ]


def _name(line: Mapping[str, Any], formats: Formats) -> str:
    texts, name = formats.texts, line["name"]
    if line["kind"] == "ITEM":
        return name or ""
    if line["kind"] == "SHIPPING":
        return f"{texts['shipping']}: {name}" if name else texts["shipping"]
    return texts["credited_before"].format(number=name) if name else texts["adjustment"]


def _sums(content: Content, formats: Formats) -> Iterator[Labelled]:
    texts, currency = formats.texts, content["currency"]
    yield Labelled(texts["net"], formats.money(content["net"], currency))
    for tax in content["taxes"]:
        label = texts["tax"].format(
            name=tax["name"] or texts["tax_name"],
            rate=formats.percent(tax["rate"]),
            net=formats.money(tax["net"], currency),
        )
        yield Labelled(label, formats.money(tax["tax"], currency))
    yield Labelled(texts["total"], formats.money(content["total"], currency), strong=True)
    if content["kind"] != InvoiceKind.INVOICE:
        return
    for payment in content["payments"]:
        label = texts["paid"].format(method=texts.method(payment["method"]))
        yield Labelled(label, formats.money(payment["amount"], currency))
    paid = sum(Decimal(payment["amount"]) for payment in content["payments"])
    due = max(Decimal(content["total"]) - paid, Decimal(0))
    yield Labelled(texts["due"], formats.money(str(due), currency), strong=True)


def _notes(content: Content, formats: Formats) -> list[str]:
    texts = formats.texts
    notes = []
    if exemption := EXEMPTIONS.get(content["exemption"] or ""):
        notes.append(texts[exemption])
    elif content["taxes"]:
        notes.append(texts["includes_tax" if content["prices_include_tax"] else "excludes_tax"])
    if footer := content["seller"]["footer"]:
        notes.append(footer)
    return notes


def _footer(seller: Mapping[str, Any]) -> Sequence[str]:
    contact = [seller["name"], seller["registration"], seller["email"], seller["phone"]]
    lines = [" · ".join(part for part in contact if part)]
    if seller["bank_details"]:
        lines.append(" · ".join(seller["bank_details"].splitlines()))
    return lines
