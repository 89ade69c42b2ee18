-- Search: sort keys and words are folded by the application and compared by code point, whatever the server's locale
-- (so an index serves both order and prefixes), and the lists of new entries that GIN indexes keep stay short, because
-- every search reads them through.
alter table product_search alter column name_key type text collate "C";
alter table search_terms alter column term type text collate "C";

alter index product_search_tokens_idx set (gin_pending_list_limit = 256);
alter index product_search_document_idx set (gin_pending_list_limit = 256);
alter index search_terms_trigrams_idx set (gin_pending_list_limit = 256);
