-- The first import of a company has no statistics: by company and provider, the planner took this index instead of that
-- of references, and read all lines for each one.

drop index settlement_lines_company_id_provider_external_id_key;
create unique index settlement_lines_company_id_external_id_provider_key
    on settlement_lines (company_id, external_id, provider);
