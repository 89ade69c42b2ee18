// A guest's whole purchase: the cart, a promotion's code, the order and its payment by card.
import { graphql } from "relay-runtime";

export const query = graphql`
  query CheckoutQuery($cartToken: String) {
    cart(cartToken: $cartToken) {
      ...Checkout_cart
    }
    paymentMethods
  }
`;

export const cart = graphql`
  fragment Checkout_cart on Cart {
    id
    itemCount
    items {
      id
      name
      quantity
      isAvailable
      priceChanged
      unitPrice {
        ...Price_money
      }
      product {
        id
        slug
      }
      variant {
        id
        name
      }
    }
    totals {
      subtotal {
        ...Price_money
      }
      discounts {
        name
        amount {
          ...Price_money
        }
      }
      shipping {
        ...Price_money
      }
      tax {
        ...Price_money
      }
      total {
        ...Price_money
      }
    }
  }
`;

export const errors = graphql`
  fragment Checkout_errors on UserError @relay(plural: true) {
    code
    message
    path
    ... on InsufficientStockError {
      shortages {
        sku
        requested
        available
      }
    }
    ... on PriceChangedError {
      expected
      actual
      currency
    }
  }
`;

export const itemAdd = graphql`
  mutation CheckoutItemAddMutation($input: CartItemAddInput!) {
    cartItemAdd(input: $input) {
      cartToken
      cart {
        ...Checkout_cart
      }
      errors {
        ...Checkout_errors
      }
    }
  }
`;

export const itemUpdate = graphql`
  mutation CheckoutItemUpdateMutation($input: CartItemUpdateInput!) @raw_response_type {
    cartItemUpdate(input: $input) {
      cart {
        ...Checkout_cart
      }
      errors {
        ...Checkout_errors
      }
    }
  }
`;

export const promotionApply = graphql`
  mutation CheckoutPromotionApplyMutation($input: CartPromotionApplyInput!) {
    cartPromotionApply(input: $input) {
      cart {
        ...Checkout_cart
      }
      errors {
        ...Checkout_errors
      }
    }
  }
`;

export const create = graphql`
  mutation CheckoutOrderCreateMutation($input: OrderCreateInput!) {
    orderCreate(input: $input) {
      orderToken
      order {
        ...Orders_order
      }
      errors {
        ...Checkout_errors
      }
    }
  }
`;

export const pay = graphql`
  mutation CheckoutOrderPayMutation($input: OrderPayInput!) {
    orderPay(input: $input) {
      order {
        ...Orders_order
      }
      errors {
        ...Checkout_errors
      }
    }
  }
`;
