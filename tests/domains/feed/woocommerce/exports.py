"""Files in the format of WooCommerce's exporter: its columns, its quotes, its byte-order mark."""

BEFORE = (
    *("ID", "Type", "SKU", "GTIN, UPC, EAN, or ISBN", "Name", "Published", "Is featured?", "Visibility in catalog"),
    *("Short description", "Description", "Date sale price starts", "Date sale price ends", "Tax status"),
    *("Tax class", "In stock?", "Stock", "Low stock amount", "Backorders allowed?", "Sold individually?"),
    *("Weight (kg)", "Length (cm)", "Width (cm)", "Height (cm)", "Allow customer reviews?", "Purchase note"),
    *("Sale price", "Regular price", "Categories", "Tags", "Shipping class", "Images", "Download limit"),
    *("Download expiry days", "Parent", "Grouped products", "Upsells", "Cross-sells", "External URL", "Button text"),
    *("Position", "Brands"),
)
HEADING = (
    *BEFORE,
    *(f"Attribute {number} {what}" for number in (1, 2) for what in ("name", "value(s)", "visible", "global")),
    *("Attribute 1 default", "Meta: _wp_page_template", "Download 1 ID", "Download 1 name", "Download 1 URL"),
)
Cells = dict[str, str]
UNSAFE = frozenset(' ,"\n\r\t\\')


def export(*rows: Cells, heading: tuple[str, ...] = HEADING, end: str = "\n", mark: str = ",") -> bytes:
    """A file of these rows. PHP's fputcsv quotes what has a space in it, too."""
    lines = [heading, *([row.get(column, "") for column in heading] for row in rows)]
    return ("\ufeff" + "".join(mark.join(map(_quoted, line)) + end for line in lines)).encode()


def simple(number: int, name: str, **cells: str) -> Cells:
    """A product that is sold in one variant; underscores in names stand for spaces."""
    return _row(number, "simple", Name=name, Regular_price="20", Allow_customer_reviews="1") | _named(cells)


def variable(number: int, name: str, first: Cells, second: Cells | None = None, **cells: str) -> Cells:
    """A variable product with its attributes."""
    attributes = attribute(1, **first) | (attribute(2, **second) if second else {})
    return _row(number, "variable", Name=name) | attributes | _named(cells)


def variation(number: int, parent: str, first: str, second: str | None = None, **cells: str) -> Cells:
    """A variation by colour, and by size where a second value is given (an empty one is any)."""
    attributes = attribute(1, name="Colour", values=first, visible="")
    attributes |= attribute(2, name="Size", values=second, visible="") if second is not None else {}
    return _row(number, "variation", Name="Made of the parent's", Parent=parent, Regular_price="20") | (
        attributes | _named(cells)
    )


COLOURS = {"name": "Colour", "values": "Blue, Green, Red"}
SIZES = {"name": "Size", "values": "Large, Small"}


def attribute(number: int, *, name: str, values: str, visible: str = "1") -> dict[str, str]:
    """The cells of an attribute."""
    start = f"Attribute {number}"
    return {f"{start} name": name, f"{start} value(s)": values, f"{start} visible": visible, f"{start} global": "1"}


def _row(number: int, kind: str, **cells: str) -> dict[str, str]:
    fixed = {
        "ID": str(number),
        "Type": kind,
        "Published": "1",
        "Is featured?": "0",
        "Visibility in catalog": "visible",
        "Tax status": "taxable",
        "In stock?": "1",
        "Backorders allowed?": "0",
        "Sold individually?": "0",
        "Position": "0",
    }
    return fixed | _named(cells)


def _named(cells: Cells) -> dict[str, str]:
    questions = {"Is_featured", "In_stock", "Backorders_allowed", "Sold_individually", "Allow_customer_reviews"}
    return {name.replace("_", " ") + "?" * (name in questions): text for name, text in cells.items()}


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"' if UNSAFE & set(text) else text
