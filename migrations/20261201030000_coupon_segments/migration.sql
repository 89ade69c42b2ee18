-- Coupons for the customers of a segment.

alter table coupons add column segment_id uuid;
create index coupons_company_id_segment_id_idx on coupons (company_id, segment_id);
alter table coupons add constraint coupons_company_id_segment_id_fkey
    foreign key (company_id, segment_id) references customer_segments (company_id, id)
    on delete restrict on update cascade;
