-- The permissions, the roles that every installation has, and the one company of a fresh one.
-- The ids are fixed, so that every installation agrees on them: UUIDv7 of the epoch.

insert into companies (id, name, slug, updated_at)
values ('00000000-0000-7000-8000-000000000001', 'Our shop', 'default', now());

insert into permissions (id, resource, action, description)
select ('00000000-0000-7000-8001-' || lpad(to_hex(resource.place * 256 + action.place), 12, '0'))::uuid,
       resource.name::permission_resource, action.name::permission_action, action.verb || ' ' || resource.noun
from (values
    (1, 'PRODUCTS', 'products, their variants and attributes'),
    (2, 'CATEGORIES', 'categories and what they ask of products'),
    (3, 'INVENTORY', 'stock and its movements'),
    (4, 'ORDERS', 'orders, carts, payments and refunds'),
    (5, 'USERS', 'customers, staff and their addresses'),
    (6, 'ROLES', 'roles'),
    (7, 'PERMISSIONS', 'the permissions of roles'),
    (8, 'PROMOTIONS', 'promotions'),
    (9, 'REVIEWS', 'reviews'),
    (10, 'SETTINGS', 'the settings of the company'),
    (11, 'ANALYTICS', 'activity and reports')
) as resource (place, name, noun)
cross join (values
    (1, 'CREATE', 'Create'),
    (2, 'READ', 'See'),
    (3, 'UPDATE', 'Change'),
    (4, 'DELETE', 'Delete'),
    (5, 'MANAGE', 'Do everything with'),
    (6, 'EXPORT', 'Export'),
    (7, 'IMPORT', 'Import')
) as action (place, name, verb);

insert into roles (id, name, code, description, is_system, priority, updated_at)
values
    ('00000000-0000-7000-8002-000000000001', 'Super administrator', 'SUPER_ADMIN',
     'Runs the platform: everything, in every company.', true, 100, now()),
    ('00000000-0000-7000-8002-000000000002', 'Administrator', 'ADMIN',
     'Runs a company: everything in it, its staff and roles included.', true, 80, now()),
    ('00000000-0000-7000-8002-000000000003', 'Manager', 'MANAGER',
     'Runs the shop: catalogue, stock, promotions, reviews and orders.', true, 60, now()),
    ('00000000-0000-7000-8002-000000000004', 'Support', 'SUPPORT',
     'Looks after customers: their orders, accounts and reviews.', true, 40, now()),
    ('00000000-0000-7000-8002-000000000005', 'Customer', 'CUSTOMER',
     'Buys. What is a customer''s own needs no permission.', true, 0, now());

insert into role_permissions (role_id, permission_id)
select roles.id, permissions.id
from (values
    ('SUPER_ADMIN', '.*', 'MANAGE'),
    ('ADMIN', '.*', 'MANAGE'),
    ('MANAGER', 'PRODUCTS|CATEGORIES|INVENTORY|PROMOTIONS|REVIEWS', 'MANAGE'),
    ('MANAGER', 'ORDERS', 'READ|UPDATE|EXPORT'),
    ('MANAGER', 'ANALYTICS', 'READ|EXPORT'),
    ('MANAGER', 'USERS|ROLES|SETTINGS', 'READ'),
    ('SUPPORT', 'ORDERS|USERS', 'READ|UPDATE'),
    ('SUPPORT', 'REVIEWS', 'READ|UPDATE|DELETE'),
    ('SUPPORT', 'PRODUCTS|CATEGORIES|INVENTORY|PROMOTIONS|ANALYTICS', 'READ')
) as granted (code, resources, actions)
join roles on roles.code = granted.code and roles.company_id is null
join permissions on permissions.resource::text ~ ('^(' || granted.resources || ')$')
                and permissions.action::text ~ ('^(' || granted.actions || ')$');
