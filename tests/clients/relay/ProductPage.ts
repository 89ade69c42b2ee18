// A product with its variants, and its reviews page by page.
import { graphql } from "relay-runtime";

export const query = graphql`
  query ProductPageQuery($slug: String!) {
    product(slug: $slug) {
      ...ProductPage_product
      ...ProductPage_reviews
    }
  }
`;

export const product = graphql`
  fragment ProductPage_product on Product {
    id
    name
    description
    isInStock
    rating
    price {
      ...Price_money
    }
    compareAtPrice {
      ...Price_money
    }
    category {
      id
      name
      slug
    }
    attributes {
      name
      value
      unit
    }
    variants {
      id
      sku
      name
      stock
      price {
        ...Price_money
      }
      options {
        name
        value
      }
    }
  }
`;

export const reviews = graphql`
  fragment ProductPage_reviews on Product
  @refetchable(queryName: "ProductPageReviewsQuery")
  @argumentDefinitions(
    first: { type: "Int", defaultValue: 5 }
    after: { type: "String" }
    last: { type: "Int" }
    before: { type: "String" }
  ) {
    reviewCount
    reviews(first: $first, after: $after, last: $last, before: $before) @connection(key: "ProductPage_reviews") {
      totalCount
      edges {
        node {
          id
          rating
          title
          comment
          authorName
          createdAt
        }
      }
    }
  }
`;

export const create = graphql`
  mutation ProductPageReviewCreateMutation($input: ReviewCreateInput!, $connections: [ID!]!) {
    reviewCreate(input: $input) {
      review @prependNode(connections: $connections, edgeTypeName: "ReviewEdge") {
        id
        rating
        title
        comment
        authorName
        createdAt
      }
      errors {
        code
        message
        path
      }
    }
  }
`;
