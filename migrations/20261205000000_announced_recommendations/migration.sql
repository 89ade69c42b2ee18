-- Announcements reach those who asked for recommendations too.

alter table announcements
    drop constraint announcements_kind,
    add constraint announcements_kind check (kind in ('PROMOTION', 'RECOMMENDATION', 'NEWS'));
