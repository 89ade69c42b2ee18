-- Whoever registers can ask for the newsletter: it is chosen when the address is confirmed.

alter type preference_source add value 'REGISTRATION';

alter table registrations add column newsletter_subscribed boolean not null default false;
