"""What the built-in templates say in each language, as a reader of that language would read it."""

import re
from typing import Any, Final

import pytest

from domains.notification.kinds import KINDS, MARKETING
from domains.notification.models import NotificationKind as Kind
from domains.notification.renderer import Texts, texts_of
from domains.notification.templates.colors import text_on
from domains.notification.templates.library import LANGUAGES, built_in
from domains.notification.templates.samples import ORDER, SAMPLES, SHOP, sample, without_optional
from domains.payment.models import DeclineReason

SUBJECT: Final = 69
"""The characters of a subject that the lists of mail programs show, with the shop's name before it."""
BOTH: Final = pytest.mark.parametrize("is_full", [True, False])
IN_EACH_LANGUAGE: Final = pytest.mark.parametrize("language", LANGUAGES)
OF_EACH_KIND: Final = pytest.mark.parametrize("kind", SAMPLES)


def texts(kind: Kind, language: str, **variables: Any) -> Texts:
    return texts_of(built_in(kind, language), {**SHOP, **sample(kind), **variables, "language": language})


def parts(given: Texts) -> tuple[str, ...]:
    return (given.subject, given.title, given.short, given.text, given.html)


@IN_EACH_LANGUAGE
@OF_EACH_KIND
@BOTH
def test_subjects_are_short_and_the_preview_says_more(kind: Kind, language: str, is_full: bool) -> None:
    given = {**SHOP, **sample(kind), "language": language}
    each = texts_of(built_in(kind, language), given if is_full else without_optional(given))
    assert len(f"{SHOP['company']['name']}: {each.subject}") <= SUBJECT
    assert each.short != each.title or (kind in {Kind.PROMOTION, Kind.RECOMMENDATION, Kind.NEWS} and not is_full)
    assert each.title not in each.text


@IN_EACH_LANGUAGE
@OF_EACH_KIND
def test_only_marketing_can_be_unsubscribed_from(kind: Kind, language: str) -> None:
    each = texts(kind, language)
    has_link = KINDS[kind].category in MARKETING
    assert ("/unsubscribe/" in each.html) is ("/unsubscribe/" in each.text) is has_link


@IN_EACH_LANGUAGE
@OF_EACH_KIND
def test_without_a_shop_on_the_web_nothing_is_to_be_pressed(kind: Kind, language: str) -> None:
    each = texts_of(built_in(kind, language), without_optional({**SHOP, **SAMPLES[kind], "language": language}))
    assert "<a " not in each.html
    assert 'href=""' not in each.html
    assert 'src=""' not in each.html
    assert "://" not in each.text


@OF_EACH_KIND
def test_punctuation_is_that_of_the_language(kind: Kind) -> None:
    for part in parts(texts(kind, "fr"))[:4]:
        assert not re.search(r" [:;!?](\s|$)", part), part
        assert not re.search(r"\w[;!?](\s|$)", part), part
        assert not re.search(r"\w:\s", part), part
        assert "'" not in part
    for language in ("en", "de"):
        assert not re.search(r"[\s][:;!?](\s|$)", " ".join(parts(texts(kind, language))[:4]))


@OF_EACH_KIND
def test_readers_are_addressed_politely(kind: Kind) -> None:
    informal = {"de": r"\b(du|dir|dich|dein\w*|euch|eure?\w*)\b", "fr": r"\b(tu|toi|ton|tes)\b"}
    for language, words in informal.items():
        assert not re.search(words, " ".join(parts(texts(kind, language))[:4]), re.IGNORECASE)


@IN_EACH_LANGUAGE
def test_a_confirmation_says_what_is_paid_and_what_is_due(language: str) -> None:
    due = {"en": "Amount due: €119.70", "de": "Offener Betrag: 119,70\xa0€", "fr": "Montant à payer\xa0: 119,70\xa0€"}
    paid = {"en": "It is paid.", "de": "eingegangen und bezahlt.", "fr": "Elle est réglée."}
    for order, is_due, is_paid in (
        (ORDER, True, False),
        ({**ORDER, "amount_due": "0.00", "is_paid": True}, False, True),
        ({**ORDER, "amount_due": "0.00"}, False, False),
    ):
        for kind in (Kind.ORDER_PLACED, Kind.ORDER_EDITED, Kind.PAYMENT_FAILED):
            each = texts(kind, language, order=order)
            assert (due[language] in each.text) is (due[language].split(":")[0] in each.html) is is_due
            if kind is Kind.ORDER_PLACED:
                assert (paid[language] in each.text) is (paid[language] in each.html) is is_paid


@IN_EACH_LANGUAGE
def test_the_tax_is_part_of_the_total_or_added_to_it(language: str) -> None:
    label = {"en": "Tax", "de": "Steuern", "fr": "Taxes"}[language]
    included = {"en": "Includes tax", "de": "Enthaltene Steuern", "fr": "Taxes incluses"}[language]
    total = {"en": "Total", "de": "Gesamtbetrag", "fr": "Total"}[language]
    for order, wanted in (
        (ORDER, [total, included]),
        ({**ORDER, "prices_include_tax": False}, [label, total]),
        ({**ORDER, "tax": "0.00"}, [total]),
    ):
        each = texts(Kind.ORDER_PAID, language, order=order)
        rows = re.findall(rf"^({total}|{label}|{included})\s?:", each.text, re.MULTILINE)
        cells = re.findall(rf">({total}|{label}|{included})<", each.html)
        assert rows == cells == wanted


@IN_EACH_LANGUAGE
@pytest.mark.parametrize("reason", [*DeclineReason, None])
def test_the_reason_of_a_failed_payment_is_said_in_words(language: str, reason: str | None) -> None:
    each = texts(Kind.PAYMENT_FAILED, language, reason=reason)
    assert not any(re.search(r"[A-Z]+_[A-Z]+", part) for part in parts(each)[:4])
    assert len(each.text.split("\n\n")[1].split(":")) == (2 if reason in {None, DeclineReason.PROVIDER_ERROR} else 1)


@IN_EACH_LANGUAGE
@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (Kind.REGISTRATION_CODE, "123456"),
        (Kind.EMAIL_CHANGE_CODE, "123456"),
        (Kind.CART_CODE, "123456"),
        (Kind.ALERT_CONFIRMATION, "123456"),
        (Kind.PASSWORD_RESET, SAMPLES[Kind.PASSWORD_RESET]["token"]),
        (Kind.STAFF_INVITATION, SAMPLES[Kind.STAFF_INVITATION]["token"]),
        (Kind.GIFT_CARDS, "AAAA-BBBB-CCCC"),
    ],
)
def test_a_code_stands_alone_in_its_line(kind: Kind, code: str, language: str) -> None:
    each = texts(kind, language)
    assert code in each.text.splitlines()
    assert f'<strong class="code">{code}</strong>' in each.html


@pytest.mark.parametrize(
    "kind", [Kind.ORDER_SHIPPED, Kind.ORDER_DELIVERED, Kind.RETURN_APPROVED, Kind.RETURN_REFUNDED]
)
def test_the_goods_of_a_parcel_are_told_with_their_variant(kind: Kind) -> None:
    each = texts(kind, "en")
    lines = [line.partition(" × ")[2] for line in each.text.splitlines() if line.startswith("1 ")]  # noqa: RUF001
    assert lines == ["Linen shirt (Blue / M)", "Teapot, hand-made, with a lid"]
    assert each.html.count(">Blue / M<") == 1


@IN_EACH_LANGUAGE
def test_one_and_many_have_their_words(language: str) -> None:
    (message, *_), (card, *_) = SAMPLES[Kind.DIGEST]["items"], SAMPLES[Kind.GIFT_CARDS]["cards"]
    (stock, *_) = SAMPLES[Kind.STAFF_LOW_STOCK]["items"]
    for kind, name, one in ((Kind.DIGEST, "items", message), (Kind.GIFT_CARDS, "cards", card), (
        Kind.STAFF_LOW_STOCK, "items", stock,
    )):  # fmt: skip
        alone, several = (texts(kind, language, **{name: [one] * number}) for number in (1, 5))
        assert re.sub(r"\d+", "", alone.subject + alone.short) != re.sub(r"\d+", "", several.subject + several.short)
    wrong = r"\b1 (items|updates|nouveautés|articles|Neuigkeiten)\b|\b5 (item|news|article)\b"
    assert not re.search(wrong, " ".join(parts(texts(Kind.STAFF_LOW_STOCK, language, items=[stock]))[:4]))


@pytest.mark.parametrize(
    ("language", "time"),
    [("en", "January 5, 2027, 10:30\u202fAM"), ("de", "5. Januar 2027, 10:30"), ("fr", "5 janvier 2027, 10:30")],
)
def test_times_are_written_to_the_minute(language: str, time: str) -> None:
    each = texts(Kind.STAFF_NEW_ORDER, language)
    assert re.search(rf"{time}\.?$", each.text.splitlines()[0])


@pytest.mark.parametrize(
    ("currency", "amount", "written"),
    [("JPY", "12470", ["¥12,470", "12.470\xa0¥", "12\u202f470\xa0JPY"]), ("KWD", "12.345", ["12.345", "12,345"])],
)
def test_amounts_have_the_digits_of_their_currency(currency: str, amount: str, written: list[str]) -> None:
    for language in LANGUAGES:
        each = texts(Kind.ORDER_PLACED, language, order={**ORDER, "currency": currency, "total": amount})
        assert any(text in each.text and text in each.html for text in written), each.text


def test_names_from_right_to_left_do_not_turn_amounts_around() -> None:
    item = {**ORDER["items"][0], "name": "חולצת פשתן 100%", "variant": "אדום"}
    html = texts(Kind.ORDER_PLACED, "en", order={**ORDER, "items": [item], "shipping_address": ["محمد علي"]}).html
    for name in (item["name"], item["variant"], "محمد علي"):
        assert re.search(rf'dir="auto">{name}</', html)


def test_any_colour_of_a_company_has_a_text_that_can_be_read() -> None:
    def luminance(color: str) -> float:
        linear = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in linear)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    steps = range(0, 256, 15)
    for color in (f"#{red:02x}{green:02x}{blue:02x}" for red in steps for green in steps for blue in steps):
        light, dark = sorted((luminance(color), luminance(text_on(color))), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, color
