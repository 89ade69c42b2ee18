-- Products name shipping profiles of their company.

alter table products add constraint products_company_id_shipping_profile_id_fkey
    foreign key (company_id, shipping_profile_id) references shipping_profiles (company_id, id)
    on delete restrict on update cascade;
