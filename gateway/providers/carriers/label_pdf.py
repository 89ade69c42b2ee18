"""A shipping label as PDF, 4 by 6 inches: addresses, service, weight, and the tracking number with its barcode."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from fpdf import FPDF
from text_unidecode import unidecode

from domains.shipping.carriers.requests import LabelRequest, ParcelAddress
from domains.shipping.carriers.results import BoughtLabel
from gateway.providers.carriers.code128 import bars

WIDTH: Final = 101.6  # mm
HEIGHT: Final = 152.4
MARGIN: Final = 5.0
INNER: Final = WIDTH - 2 * MARGIN
BAR_HEIGHT: Final = 22.0
QUIET_MODULES: Final = 20  # empty modules beside the bars, as Code 128 wants
MAX_MODULE: Final = 0.5
MAX_LINE: Final = 48  # characters of a line of an address
FONT: Final = "helvetica"
# The same label is the same bytes: the date in the file is fixed.
CREATED: Final = datetime(2000, 1, 1, tzinfo=UTC)


def label_pdf(request: LabelRequest, label: BoughtLabel) -> bytes:
    """The label, the same bytes each time.

    Its font has the letters of Latin-1; others are written with Latin letters (`Łódź` is `Lodz`).
    """
    pdf = FPDF(unit="mm", format=(WIDTH, HEIGHT))
    pdf.set_creation_date(CREATED)
    pdf.set_title(latin(f"Label {label.tracking_number}"))
    pdf.set_producer("commerce")
    pdf.set_margins(MARGIN, MARGIN)
    pdf.set_auto_page_break(auto=False)
    pdf.add_page()
    _address(pdf, "From", request.origin, 7)
    _rule(pdf)
    _address(pdf, "To", request.destination, 11)
    _rule(pdf)
    _details(pdf, request)
    _rule(pdf)
    _barcode(pdf, label.tracking_number)
    return bytes(pdf.output())


def latin(text: str) -> str:
    """The text in the letters of Latin-1: letters of other scripts are transliterated, and what remains is `?`."""
    return "".join(_letter(letter) for letter in text)


def ascii_of(text: str) -> str:
    """The text in printable ASCII, as a barcode has it; at least one character."""
    return "".join(letter if letter.isascii() else unidecode(letter) for letter in latin(text)).strip() or "?"


def address_lines(address: ParcelAddress) -> Iterator[str]:
    """The lines of an address, as a label shows them; each at most 48 characters."""
    place = " ".join(part for part in (address.postal_code, address.city) if part)
    lines = (
        address.name,
        address.company,
        address.line_1,
        address.line_2,
        ", ".join(part for part in (place, address.province) if part),
        address.country,
        address.phone,
    )
    return (latin(line)[:MAX_LINE] for line in lines if line)


def _letter(letter: str) -> str:
    if letter.isascii():
        return letter if letter.isprintable() else " "
    if "\xa1" <= letter <= "\xff" and letter != "\xad":
        return letter
    return unidecode(letter) or "?"


def _address(pdf: FPDF, title: str, address: ParcelAddress, size: float) -> None:
    pdf.set_font(FONT, "B", 6)
    pdf.cell(INNER, 3, title, new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(FONT, size=size)
    for line in address_lines(address):
        _fit(pdf, line, size)
        pdf.cell(INNER, size * 0.45, line, new_x="LMARGIN", new_y="NEXT")


def _details(pdf: FPDF, request: LabelRequest) -> None:
    parcel = request.parcel
    sides = [f"{side:f}" for side in (parcel.length, parcel.width, parcel.height) if side is not None]
    size = f"   {' x '.join(sides)} cm" if sides else ""
    service = latin(request.service)[:MAX_LINE]
    _fit(pdf, service, 16, "B")
    pdf.cell(INNER, 8, service, new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(FONT, size=9)
    pdf.cell(INNER, 5, f"{parcel.weight:f} kg{size}", new_x="LMARGIN", new_y="NEXT")


def _barcode(pdf: FPDF, tracking_number: str) -> None:
    """The bars across the label, and the number below them."""
    text = ascii_of(tracking_number)
    widths = bars(text)
    module = min(MAX_MODULE, INNER / (sum(widths) + QUIET_MODULES))
    left = MARGIN + (INNER - sum(widths) * module) / 2
    top = pdf.get_y() + 3
    for position, width in enumerate(widths):
        if position % 2 == 0:
            pdf.rect(left, top, width * module, BAR_HEIGHT, style="F")
        left += width * module
    pdf.set_y(top + BAR_HEIGHT + 1)
    _fit(pdf, text, 11, "B")
    pdf.cell(INNER, 6, text, align="C")


def _fit(pdf: FPDF, text: str, size: float, style: str = "") -> None:
    """Set the font, smaller when the text is wider than the label."""
    pdf.set_font(FONT, style, size)
    width = pdf.get_string_width(text)
    if width > INNER - 2:
        pdf.set_font(FONT, style, size * (INNER - 2) / width)


def _rule(pdf: FPDF) -> None:
    y = pdf.get_y() + 1.5
    pdf.line(MARGIN, y, WIDTH - MARGIN, y)
    pdf.set_y(y + 1.5)
