-- The carrier of a shipping method is one of the company, which cannot be deleted meanwhile.
alter table shipping_methods add constraint shipping_methods_company_id_carrier_id_fkey
    foreign key (company_id, carrier_id) references carriers (company_id, id) on delete restrict on update cascade;
