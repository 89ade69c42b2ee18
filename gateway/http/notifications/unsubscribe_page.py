"""The page of links that unsubscribe, in the languages of the templates, without scripts and outside resources."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from domains.notification.models import NotificationCategory
from domains.notification.templates.library import language_of
from gateway.http.pages import DENY_ALL, FOLDER, digest_of

STYLE: Final = (FOLDER / "unsubscribe.css").read_text(encoding="utf-8")
PAGE: Final = (FOLDER / "unsubscribe.html").read_text(encoding="utf-8")
SAME_ORIGIN: Final = DENY_ALL.replace("form-action 'none'", "form-action 'self'")
POLICY: Final = f"{SAME_ORIGIN}; style-src {digest_of(STYLE)}; img-src data:"
HEADERS: Final = {
    "content-security-policy": POLICY,
    "cache-control": "no-store",
    "x-robots-tag": "noindex",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The texts of the page in one language; `categories` are the names of what can be refused."""

    title: str
    question: str
    button: str
    done_title: str
    done: str
    still: str
    back: str
    categories: Mapping[NotificationCategory, str]


TEXTS: Final[Mapping[str, Texts]] = {
    "en": Texts(
        title="Unsubscribe?",
        question="You will no longer get these e-mails at this address:",
        button="Unsubscribe",
        done_title="You are unsubscribed",
        done="You no longer get these e-mails at this address:",
        still="E-mails about your orders and your account still arrive.",
        back="To the shop",
        categories={
            NotificationCategory.REVIEWS: "Requests to review what you bought",
            NotificationCategory.CARTS: "Reminders of your cart",
            NotificationCategory.ALERTS: "Products that are back in stock or cheaper; your alerts end",
            NotificationCategory.PROMOTIONS: "Offers and discounts",
            NotificationCategory.RECOMMENDATIONS: "Recommendations",
            NotificationCategory.NEWS: "The newsletter",
        },
    ),
    "de": Texts(
        title="Abmelden?",
        question="Sie erhalten an diese Adresse künftig keine E-Mails mehr zu:",
        button="Abmelden",
        done_title="Sie sind abgemeldet",
        done="Sie erhalten an diese Adresse keine E-Mails mehr zu:",
        still="E-Mails zu Ihren Bestellungen und Ihrem Konto kommen weiterhin.",
        back="Zum Shop",
        categories={
            NotificationCategory.REVIEWS: "Bitten um Bewertungen",
            NotificationCategory.CARTS: "Erinnerungen an Ihren Warenkorb",
            NotificationCategory.ALERTS: "Wieder lieferbare oder günstigere Produkte; Ihre Benachrichtigungen enden",
            NotificationCategory.PROMOTIONS: "Angebote und Rabatte",
            NotificationCategory.RECOMMENDATIONS: "Empfehlungen",
            NotificationCategory.NEWS: "Newsletter",
        },
    ),
    "fr": Texts(
        title="Se désabonner ?",
        question="Vous ne recevrez plus ces e-mails à cette adresse :",
        button="Se désabonner",
        done_title="Désabonnement confirmé",
        done="Vous ne recevez plus ces e-mails à cette adresse :",
        still="Les e-mails sur vos commandes et votre compte arrivent encore.",
        back="Vers la boutique",
        categories={
            NotificationCategory.REVIEWS: "Demandes d'avis sur vos achats",
            NotificationCategory.CARTS: "Rappels de votre panier",
            NotificationCategory.ALERTS: "Produits de nouveau disponibles ou moins chers ; vos alertes prennent fin",
            NotificationCategory.PROMOTIONS: "Offres et réductions",
            NotificationCategory.RECOMMENDATIONS: "Recommandations",
            NotificationCategory.NEWS: "La lettre d'information",
        },
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """Whose page it is: the name of the company, its shop's address or None, and a language that has texts."""

    name: str
    storefront_url: str | None
    language: str

    @property
    def texts(self) -> Texts:
        """The texts in the language."""
        return TEXTS[self.language]


def question_page(shop: Shop, categories: Sequence[NotificationCategory]) -> Response:
    """The page that asks, with a button."""
    texts = shop.texts
    button = f'<form method="post"><button>{html.escape(texts.button)}</button></form>'
    return _page(shop, texts.title, [_paragraph(texts.question), _list(texts, categories), button])


def done_page(shop: Shop, categories: Sequence[NotificationCategory]) -> Response:
    """The page after it was done, with a link to the shop where that is known."""
    texts = shop.texts
    parts = [_paragraph(texts.done), _list(texts, categories), _paragraph(texts.still)]
    if shop.storefront_url:
        parts.append(f'<p><a href="{html.escape(shop.storefront_url)}">{html.escape(texts.back)}</a></p>')
    return _page(shop, texts.done_title, parts)


def unknown_page() -> Response:
    """The page of a link that was not made here, in English; 404."""
    text = "The link is not complete, or does not come from here. Open it again from the e-mail."
    shop = Shop(name="", storefront_url=None, language=language_of(None))
    return _page(shop, "This page does not exist", [_paragraph(text)], status=404)


def _paragraph(text: str) -> str:
    return f"<p>{html.escape(text)}</p>"


def _list(texts: Texts, categories: Sequence[NotificationCategory]) -> str:
    names = [texts.categories[each] for each in categories if each in texts.categories]
    return "<ul>" + "".join(f"<li>{html.escape(name)}</li>" for name in names) + "</ul>"


def _page(shop: Shop, title: str, parts: Sequence[str], *, status: int = 200) -> Response:
    name = f'<p class="shop">{html.escape(shop.name)}</p>' if shop.name else ""
    body = PAGE
    given = {
        "language": shop.language,
        "style": STYLE,
        "title": html.escape(title),
        "shop": name,
        "content": "\n".join(parts),
    }
    for each, value in given.items():
        body = body.replace(f"<!--{each}-->", value)
    return Response(body, status, HEADERS, "text/html")
