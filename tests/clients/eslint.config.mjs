// The SDL under graphql-eslint's strictest presets, and the documents under its recommended preset.
import graphql from "@graphql-eslint/eslint-plugin";

// Rules of the presets that this project does not follow. docs/decisions/schema-lint.md gives the same list.
const notFollowed = {
  // The printer sorts by code points and writes directives first; `make check` compares the SDL with the printer's.
  "@graphql-eslint/alphabetize": "off",
  // The API writes by mutations.
  "@graphql-eslint/no-root-type": "off",
  // `Order.orderNumber` and `Address.addressLine1` are the names of the class diagram.
  "@graphql-eslint/no-typename-prefix": "off",
  // The specification's `@deprecated` has no argument for a date. A reason is required.
  "@graphql-eslint/require-deprecation-date": "off",
  // A payload returns the objects that the mutation changed. Clients read anything else in a query of its own.
  "@graphql-eslint/require-field-of-type-query-in-mutation-result": "off",
};

// Object types without `id`: values that belong to the object or the answer that holds them.
const values = [
  "AnnouncementText",
  "AttributeFacet",
  "AuthResponse",
  "AvailablePaymentProvider",
  "AwaitedUnits",
  "BalanceTransaction",
  "BundleRule",
  "BuyXGetYRule",
  "CarrierAdapter",
  "CarrierCredential",
  "CarrierCredentialField",
  "CartDestination",
  "CartDiscount",
  "CartGiftCard",
  "CartItemAvailability",
  "CartItemTotals",
  "CartRefusal",
  "CartRejectedLine",
  "CartShippingOption",
  "CartShippingOptions",
  "CartShippingProblem",
  "CartStoreCredit",
  "CartTotals",
  "CategoryFacetValue",
  "ClearingBalance",
  "DeliveryDates",
  "DocumentSettings",
  "EmailTemplate",
  "EmailTemplatePreview",
  "FacetValue",
  "GiftCardBalance",
  "Image",
  "IssuedGiftCard",
  "LedgerAccountBalance",
  "LedgerClearing",
  "LedgerLine",
  "LedgerOutstanding",
  "LedgerRevenue",
  "LedgerRevenueReport",
  "LedgerTax",
  "LedgerTaxReport",
  "LedgerTrialBalance",
  "LowStock",
  "Money",
  "MoneyTimelineEntry",
  "NotificationLog",
  "NotificationPreference",
  "NotificationProfile",
  "NotificationReceived",
  "OrderAllocation",
  "OrderBackorder",
  "OrderBalance",
  "OrderBulkFulfilResult",
  "OrderEditLine",
  "OrderEditPreview",
  "PageInfo",
  "PaymentAlert",
  "PaymentCredential",
  "PaymentMethodSetup",
  "PaymentMethodSetupAction",
  "PaymentNextAction",
  "PaymentProvider",
  "PickupLocation",
  "PresentStaff",
  "PriceFacetValue",
  "PriceRange",
  "ProductAlertDemand",
  "ProductFacets",
  "ProductHighlight",
  "ProductSuggestions",
  "PromotionRule",
  "PromotionRuleUnits",
  "PurchaseOrderLine",
  "PurchaseOrderSuggestion",
  "QuietHours",
  "RatingFacetValue",
  "RefundLine",
  "ReservedUnits",
  "ReturnAuthorization",
  "ReturnStatusHistory",
  "ReturnTracking",
  "ShipmentLine",
  "ShipmentTracking",
  "ShippingPostalCodes",
  "Shop",
  "SoldGiftCard",
  "StockShortage",
  "StockTransferLine",
  "TaxLine",
  "TrackedShipment",
  "TrackedShipmentEvent",
  "TrackedShipmentLine",
  "TrackingEvent",
  "VariantOption",
  "VolumeDiscountRule",
  "VolumeDiscountTier",
  "WebhookAttempt",
  "WebhookTopic",
];

// Rules with options of our own. docs/decisions/schema-lint.md gives the same list.
const adjusted = {
  // Connections have `nodes` beside `edges`, and short lists that belong to an object are plain lists.
  "@graphql-eslint/relay-edge-types": [
    "error",
    { withEdgeSuffix: true, shouldImplementNode: true, listTypeCanWrapOnlyEdgeType: false },
  ],
  // Stricter than the preset: fields, arguments, input fields and enum members are described too. Strawberry's
  // printer leaves out the descriptions of a directive's arguments.
  "@graphql-eslint/require-description": [
    "error",
    {
      types: true,
      rootField: true,
      DirectiveDefinition: true,
      EnumValueDefinition: true,
      FieldDefinition: true,
      InputValueDefinition: true,
      ignoredSelectors: ["DirectiveDefinition > InputValueDefinition"],
    },
  ],
  // Every object type has `id: ID!`, apart from values, the envelopes of lists, payloads and errors, and events.
  "@graphql-eslint/strict-id-in-types": [
    "error",
    {
      acceptedIdNames: ["id"],
      acceptedIdTypes: ["ID"],
      exceptions: { types: values, suffixes: ["Connection", "Edge", "Payload", "Error", "Changed", "Created", "Presence", "Recorded"] },
    },
  ],
};

const language = {
  parser: graphql.parser,
  parserOptions: { graphQLConfig: { schema: "schema.graphql", documents: "documents/*.graphql" } },
};

export default [
  {
    files: ["schema.graphql"],
    languageOptions: language,
    plugins: { "@graphql-eslint": graphql },
    rules: {
      ...graphql.configs["flat/schema-all"].rules,
      ...graphql.configs["flat/schema-relay"].rules,
      ...notFollowed,
      ...adjusted,
    },
  },
  {
    files: ["documents/*.graphql"],
    languageOptions: language,
    plugins: { "@graphql-eslint": graphql },
    rules: graphql.configs["flat/operations-recommended"].rules,
  },
];
