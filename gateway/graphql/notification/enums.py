"""The channels and categories of notifications in the API."""

from domains.notification.models import NotificationCategory as Category
from domains.notification.models import NotificationType as Type
from gateway.graphql.core.enums import describe

describe(
    Type,
    "The channel by which a notification reaches its recipient.",
    {
        Type.EMAIL: "A mail to the address of the order or the account.",
        Type.SMS: "A short message to a telephone number.",
        Type.PUSH: "A message to the browsers and apps that the user registered.",
        Type.IN_APP: "An entry in the list of notifications that the shop shows to the user.",
    },
)
describe(
    Category,
    "What a notification is about, by which recipients choose.",
    {
        Category.ACCOUNT: "Codes, warnings and changes of the account. They are always sent.",
        Category.ORDERS: "Confirmations, payments, invoices, changes and refunds of orders.",
        Category.SHIPPING: "Parcels that are on their way or were delivered.",
        Category.RETURNS: "Returns, from the request to the refund.",
        Category.REVIEWS: "Requests to review what was bought.",
        Category.CARTS: "Reminders of a cart that was not ordered.",
        Category.ALERTS: "Products that are back in stock or cheaper, for which the recipient asked.",
        Category.PROMOTIONS: "Offers and discounts; only for those who asked for them.",
        Category.RECOMMENDATIONS: "Products that may suit the recipient; only for those who asked for them.",
        Category.NEWS: "The newsletter; only for those who asked for it.",
        Category.STAFF: "New orders and low stock, to the addresses in the settings of the company.",
    },
)
