// The catalogue: search, filters and facets on the whole range, and one category's products page by page.
import { graphql } from "relay-runtime";

export const query = graphql`
  query CatalogueQuery($search: String, $filter: ProductFilterInput, $sortBy: ProductSortInput) {
    shop {
      name
      currency
      pricesIncludeTax
    }
    categoryTree {
      id
      name
      slug
      children {
        id
        name
        slug
      }
    }
    ...Catalogue_products @arguments(search: $search, filter: $filter, sortBy: $sortBy)
  }
`;

export const products = graphql`
  fragment Catalogue_products on Query
  @refetchable(queryName: "CatalogueProductsQuery")
  @argumentDefinitions(
    first: { type: "Int", defaultValue: 24 }
    after: { type: "String" }
    search: { type: "String" }
    filter: { type: "ProductFilterInput" }
    sortBy: { type: "ProductSortInput" }
  ) {
    products(first: $first, after: $after, search: $search, filter: $filter, sortBy: $sortBy)
      @connection(key: "Catalogue_products", filters: ["search", "filter", "sortBy"]) {
      totalCount
      correctedSearch
      facets {
        brands {
          value
          count
        }
        attributes {
          name
          values {
            value
            count
          }
        }
      }
      edges {
        node {
          id
          ...Catalogue_card
        }
      }
    }
  }
`;

export const category = graphql`
  query CatalogueCategoryQuery($slug: String!) {
    category(slug: $slug) {
      id
      name
      description
      ...Catalogue_categoryProducts
    }
  }
`;

export const categoryProducts = graphql`
  fragment Catalogue_categoryProducts on Category
  @refetchable(queryName: "CatalogueCategoryProductsQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 24 }, after: { type: "String" }) {
    products(first: $first, after: $after) @connection(key: "CatalogueCategory_products") {
      edges {
        node {
          id
          ...Catalogue_card
        }
      }
    }
  }
`;

export const card = graphql`
  fragment Catalogue_card on Product {
    name
    slug
    isInStock
    rating
    reviewCount
    priceRange {
      lowest {
        ...Price_money
      }
      highest {
        ...Price_money
      }
    }
  }
`;
