// An amount and its currency, spread wherever a price is shown.
import { graphql } from "relay-runtime";

export const money = graphql`
  fragment Price_money on Money {
    amount
    currency
  }
`;
