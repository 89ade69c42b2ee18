// A customer's account: their orders page by page, one order's timeline, and the address book.
import { graphql } from "relay-runtime";

export const query = graphql`
  query OrdersQuery {
    me {
      id
      firstName
    }
    ...Orders_list
    ...Orders_addresses
  }
`;

export const list = graphql`
  fragment Orders_list on Query
  @refetchable(queryName: "OrdersListQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 10 }, after: { type: "String" }) {
    orders(first: $first, after: $after, filter: { mine: true }, sortBy: { field: CREATED_AT, direction: DESC })
      @connection(key: "Orders_orders") {
      totalCount
      edges {
        node {
          id
          ...Orders_order
        }
      }
    }
  }
`;

export const order = graphql`
  fragment Orders_order on Order @refetchable(queryName: "OrdersOrderQuery") {
    id
    orderNumber
    status
    createdAt
    isCancellable
    total {
      ...Price_money
    }
    items {
      id
      productName
      variantName
      quantity
      totalPrice {
        ...Price_money
      }
    }
    statusHistory {
      id
      toStatus
      createdAt
    }
    payments {
      id
      status
      cardLast4
    }
  }
`;

export const cancel = graphql`
  mutation OrdersCancelMutation($input: OrderCancelInput!) {
    orderCancel(input: $input) {
      order {
        ...Orders_order
      }
      errors {
        ...Checkout_errors
      }
    }
  }
`;

export const addresses = graphql`
  fragment Orders_addresses on Query
  @refetchable(queryName: "OrdersAddressesQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 20 }, after: { type: "String" }) {
    addresses(first: $first, after: $after) @connection(key: "Orders_addresses") {
      edges {
        node {
          id
          fullName
          addressLine1
          city
          postalCode
          country
          isDefault
        }
      }
    }
  }
`;

export const addressCreate = graphql`
  mutation OrdersAddressCreateMutation($input: AddressCreateInput!, $connections: [ID!]!) {
    addressCreate(input: $input) {
      address @appendNode(connections: $connections, edgeTypeName: "AddressEdge") {
        id
        fullName
        addressLine1
        city
        postalCode
        country
        isDefault
      }
      errors {
        ...Checkout_errors
      }
    }
  }
`;

export const addressDelete = graphql`
  mutation OrdersAddressDeleteMutation($input: AddressDeleteInput!, $connections: [ID!]!) {
    addressDelete(input: $input) {
      address {
        id @deleteRecord @deleteEdge(connections: $connections)
      }
      errors {
        ...Checkout_errors
      }
    }
  }
`;
