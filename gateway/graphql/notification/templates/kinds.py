"""The kinds of notifications in the API."""

from typing import Final

from domains.notification.models import NotificationKind as Kind
from gateway.graphql.core.enums import describe

ABOUT: Final[dict[Kind, str]] = {
    Kind.REGISTRATION_CODE: "The code that confirms the address of a new account.",
    Kind.ALREADY_REGISTERED: "To an address with an account that somebody registers again.",
    Kind.EMAIL_CHANGE_CODE: "The code that confirms the new address of an account.",
    Kind.CART_CODE: "The code that confirms the address of a guest.",
    Kind.PASSWORD_RESET: "The token with which a new password is set.",
    Kind.NO_ACCOUNT: "To an address without an account, for which a password reset was asked.",
    Kind.STAFF_INVITATION: "To a new member of staff.",
    Kind.PASSWORD_CHANGED: "Warns the owner of an account of a new password.",
    Kind.EMAIL_CHANGED: "To the old address of an account, when the address was changed.",
    Kind.SESSION_ENDED: "A session was ended because its refresh token was used twice.",
    Kind.ROLE_CHANGED: "Staff changed the role of the account.",
    Kind.ACCOUNT_DISABLED: "Staff disabled the account.",
    Kind.ACCOUNT_ENABLED: "Staff enabled the account again.",
    Kind.ADDRESS_CHANGED: "Staff changed an address of the account.",
    Kind.ADDRESS_DELETED: "Staff deleted an address of the account.",
    Kind.WELCOME: "To the owner of a new account.",
    Kind.GIFT_CARDS: "The codes of gift cards.",
    Kind.ORDER_PLACED: "The confirmation of an order.",
    Kind.ORDER_PAID: "The shop has received the whole amount.",
    Kind.PAYMENT_FAILED: "The payment of an order failed.",
    Kind.ORDER_EDITED: "What the order contains after staff changed it.",
    Kind.ORDER_CANCELLED: "Nothing of the order will be shipped, and why.",
    Kind.ORDER_REFUNDED: "The amount that was given back, and where it goes.",
    Kind.INVOICE_ISSUED: "An invoice or a credit note, attached as a PDF.",
    Kind.ORDER_SHIPPED: "A parcel of an order is on its way.",
    Kind.ORDER_DELIVERED: "A parcel of an order was delivered.",
    Kind.RETURN_REQUESTED: "To the buyer who asks for a return.",
    Kind.RETURN_APPROVED: "The goods of a return may be sent back.",
    Kind.RETURN_REJECTED: "Staff do not accept a return, and why.",
    Kind.RETURN_RECEIVED: "The goods of a return arrived.",
    Kind.RETURN_REFUNDED: "The amount of a return was given back.",
    Kind.REVIEW_REQUEST: "Asks for a review of what was delivered.",
    Kind.ABANDONED_CART: "Reminds of a cart that was not ordered.",
    Kind.ALERT_CONFIRMATION: "The code that confirms the address for an alert.",
    Kind.BACK_IN_STOCK: "A product is in stock again.",
    Kind.PRICE_DROP: "The price of a product fell.",
    Kind.PROMOTION: "An offer of the shop.",
    Kind.RECOMMENDATION: "Products that the recipient may like.",
    Kind.NEWS: "News of the shop.",
    Kind.DIGEST: "Several notifications of normal priority in one.",
    Kind.STAFF_NEW_ORDER: "To staff, when an order was placed.",
    Kind.STAFF_LOW_STOCK: "To staff, when stock reached its reorder point.",
    Kind.STORED_MAIL: "An e-mail whose text was given, such as a sample; it has no template.",
}
describe(Kind, "What a notification is about.", ABOUT)
