-- Texts are normalised where they come in; those that came in before are now. `normal_text` and `normal_key` are
-- `normal` and `key` of domains/kernel/text.py (a test compares them), and go when the migration is done. What would
-- then have the key of another row, and what would be left with nothing visible where something is needed, stays as it
-- is: `commerce doctor` names it.

create function normal_text(given text) returns text
    language plpgsql immutable strict
    as $$
declare
    invisible constant text :=
        '[\u0001-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u034f\u061c\u115f'
        '\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164'
        '\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a'
        '\U000e0000-\U000e0fff]';
    space constant text :=
        '[\u0009-\u000d\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f'
        '\u205f\u2800\u3000]';
    selector constant text :=
        '[\ufe00-\ufe0f\u180b-\u180d\u180f\U000e0100-\U000e01ef]';
    tag constant text :=
        '[\U000e0020-\U000e007f]';
    virama constant text :=
        '[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d3b\u0d3c\u0d4d\u0dca\u0e3a'
        '\u0eba\u0f84\u1039\u103a\u1714\u1715\u1734\u17d2\u1a60\u1b44\u1baa\u1bab\u1bf2'
        '\u1bf3\u2d7f\ua806\ua82c\ua8c4\ua953\ua9c0\uaaf6\uabed\U00010a3f\U00011046'
        '\U00011070\U0001107f\U000110b9\U00011133\U00011134\U000111c0\U00011235\U000112ea'
        '\U0001134d\U00011442\U000114c2\U000115bf\U0001163f\U000116b6\U0001172b\U00011839'
        '\U0001193d\U0001193e\U000119e0\U00011a34\U00011a47\U00011a99\U00011c3f\U00011d44'
        '\U00011d45\U00011d97]';
    right_to_left constant text :=
        '[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-'
        '\U0001efff]';
    -- Combining marks: those of one letter have no order of their own.
    mark constant text :=
        '\u0300-\u034e\u0350-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2'
        '\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4'
        '\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u07eb-\u07f3\u07fd\u0816-\u0819'
        '\u081b-\u0823\u0825-\u0827\u0829-\u082d\u0859-\u085b\u0898-\u089f\u08ca-\u08e1'
        '\u08e3-\u08ff\u093c\u094d\u0951-\u0954\u09bc\u09cd\u09fe\u0a3c\u0a4d\u0abc\u0acd'
        '\u0b3c\u0b4d\u0bcd\u0c3c\u0c4d\u0c55\u0c56\u0cbc\u0ccd\u0d3b\u0d3c\u0d4d\u0dca'
        '\u0e38-\u0e3a\u0e48-\u0e4b\u0eb8-\u0eba\u0ec8-\u0ecb\u0f18\u0f19\u0f35\u0f37'
        '\u0f39\u0f71\u0f72\u0f74\u0f7a-\u0f7d\u0f80\u0f82-\u0f84\u0f86\u0f87\u0fc6\u1037'
        '\u1039\u103a\u108d\u135d-\u135f\u1714\u1715\u1734\u17d2\u17dd\u18a9\u1939-\u193b'
        '\u1a17\u1a18\u1a60\u1a75-\u1a7c\u1a7f\u1ab0-\u1abd\u1abf-\u1ace\u1b34\u1b44'
        '\u1b6b-\u1b73\u1baa\u1bab\u1be6\u1bf2\u1bf3\u1c37\u1cd0-\u1cd2\u1cd4-\u1ce0'
        '\u1ce2-\u1ce8\u1ced\u1cf4\u1cf8\u1cf9\u1dc0-\u1dff\u20d0-\u20dc\u20e1'
        '\u20e5-\u20f0\u2cef-\u2cf1\u2d7f\u2de0-\u2dff\u302a-\u302f\u3099\u309a\ua66f'
        '\ua674-\ua67d\ua69e\ua69f\ua6f0\ua6f1\ua806\ua82c\ua8c4\ua8e0-\ua8f1'
        '\ua92b-\ua92d\ua953\ua9b3\ua9c0\uaab0\uaab2-\uaab4\uaab7\uaab8\uaabe\uaabf\uaac1'
        '\uaaf6\uabed\ufb1e\ufe20-\ufe2f\U000101fd\U000102e0\U00010376-\U0001037a'
        '\U00010a0d\U00010a0f\U00010a38-\U00010a3a\U00010a3f\U00010ae5\U00010ae6'
        '\U00010d24-\U00010d27\U00010eab\U00010eac\U00010f46-\U00010f50'
        '\U00010f82-\U00010f85\U00011046\U00011070\U0001107f\U000110b9\U000110ba'
        '\U00011100-\U00011102\U00011133\U00011134\U00011173\U000111c0\U000111ca'
        '\U00011235\U00011236\U000112e9\U000112ea\U0001133b\U0001133c\U0001134d'
        '\U00011366-\U0001136c\U00011370-\U00011374\U00011442\U00011446\U0001145e'
        '\U000114c2\U000114c3\U000115bf\U000115c0\U0001163f\U000116b6\U000116b7\U0001172b'
        '\U00011839\U0001183a\U0001193d\U0001193e\U00011943\U000119e0\U00011a34\U00011a47'
        '\U00011a99\U00011c3f\U00011d42\U00011d44\U00011d45\U00011d97'
        '\U00016af0-\U00016af4\U00016b30-\U00016b36\U00016ff0\U00016ff1\U0001bc9e'
        '\U0001d165-\U0001d169\U0001d16d-\U0001d172\U0001d17b-\U0001d182'
        '\U0001d185-\U0001d18b\U0001d1aa-\U0001d1ad\U0001d242-\U0001d244'
        '\U0001e000-\U0001e006\U0001e008-\U0001e018\U0001e01b-\U0001e021'
        '\U0001e023\U0001e024\U0001e026-\U0001e02a\U0001e130-\U0001e136\U0001e2ae'
        '\U0001e2ec-\U0001e2ef\U0001e8d0-\U0001e8d6\U0001e944-\U0001e94a';
    alpha constant text :=
        '[\u0041-\u005a\u0061-\u007a\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-'
        '\u02c1\u02c6-\u02d1\u02e0-\u02e4\u02ec\u02ee\u0370-\u0374\u0376-\u037d\u037f'
        '\u0386\u0388-\u03f5\u03f7-\u0481\u048a-\u0559\u0560-\u0588\u05d0-\u05f2\u0620-'
        '\u064a\u066e-\u066f\u0671-\u06d3\u06d5\u06e5-\u06e6\u06ee-\u06ef\u06fa-\u06fc'
        '\u06ff\u0710\u0712-\u072f\u074d-\u07a5\u07b1\u07ca-\u07ea\u07f4-\u07f5\u07fa'
        '\u0800-\u0815\u081a\u0824\u0828\u0840-\u0858\u0860-\u0887\u0889-\u088e\u08a0-'
        '\u08c9\u0904-\u0939\u093d\u0950\u0958-\u0961\u0971-\u0980\u0985-\u09b9\u09bd'
        '\u09ce\u09dc-\u09e1\u09f0-\u09f1\u09fc\u0a05-\u0a39\u0a59-\u0a5e\u0a72-\u0a74'
        '\u0a85-\u0ab9\u0abd\u0ad0-\u0ae1\u0af9\u0b05-\u0b39\u0b3d\u0b5c-\u0b61\u0b71'
        '\u0b83-\u0bb9\u0bd0\u0c05-\u0c39\u0c3d\u0c58-\u0c61\u0c80\u0c85-\u0cb9\u0cbd'
        '\u0cdd-\u0ce1\u0cf1-\u0cf2\u0d04-\u0d3a\u0d3d\u0d4e\u0d54-\u0d56\u0d5f-\u0d61'
        '\u0d7a-\u0d7f\u0d85-\u0dc6\u0e01-\u0e30\u0e32-\u0e33\u0e40-\u0e46\u0e81-\u0eb0'
        '\u0eb2-\u0eb3\u0ebd-\u0ec6\u0edc-\u0f00\u0f40-\u0f6c\u0f88-\u0f8c\u1000-\u102a'
        '\u103f\u1050-\u1055\u105a-\u105d\u1061\u1065-\u1066\u106e-\u1070\u1075-\u1081'
        '\u108e\u10a0-\u10fa\u10fc-\u135a\u1380-\u138f\u13a0-\u13fd\u1401-\u166c\u166f-'
        '\u167f\u1681-\u169a\u16a0-\u16ea\u16f1-\u1711\u171f-\u1731\u1740-\u1751\u1760-'
        '\u1770\u1780-\u17b3\u17d7\u17dc\u1820-\u1884\u1887-\u18a8\u18aa-\u191e\u1950-'
        '\u19c9\u1a00-\u1a16\u1a20-\u1a54\u1aa7\u1b05-\u1b33\u1b45-\u1b4c\u1b83-\u1ba0'
        '\u1bae-\u1baf\u1bba-\u1be5\u1c00-\u1c23\u1c4d-\u1c4f\u1c5a-\u1c7d\u1c80-\u1cbf'
        '\u1ce9-\u1cec\u1cee-\u1cf3\u1cf5-\u1cf6\u1cfa-\u1dbf\u1e00-\u1fbc\u1fbe\u1fc2-'
        '\u1fcc\u1fd0-\u1fdb\u1fe0-\u1fec\u1ff2-\u1ffc\u2071\u207f\u2090-\u209c\u2102'
        '\u2107\u210a-\u2113\u2115\u2119-\u211d\u2124\u2126\u2128\u212a-\u212d\u212f-'
        '\u2139\u213c-\u213f\u2145-\u2149\u214e\u2183-\u2184\u2c00-\u2ce4\u2ceb-\u2cee'
        '\u2cf2-\u2cf3\u2d00-\u2d6f\u2d80-\u2dde\u2e2f\u3005-\u3006\u3031-\u3035\u303b-'
        '\u303c\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u318e\u31a0-\u31bf\u31f0-'
        '\u31ff\u3400-\u4dbf\u4e00-\ua48c\ua4d0-\ua4fd\ua500-\ua60c\ua610-\ua61f\ua62a-'
        '\ua66e\ua67f-\ua69d\ua6a0-\ua6e5\ua717-\ua71f\ua722-\ua788\ua78b-\ua801\ua803-'
        '\ua805\ua807-\ua80a\ua80c-\ua822\ua840-\ua873\ua882-\ua8b3\ua8f2-\ua8f7\ua8fb'
        '\ua8fd-\ua8fe\ua90a-\ua925\ua930-\ua946\ua960-\ua97c\ua984-\ua9b2\ua9cf\ua9e0-'
        '\ua9e4\ua9e6-\ua9ef\ua9fa-\uaa28\uaa40-\uaa42\uaa44-\uaa4b\uaa60-\uaa76\uaa7a'
        '\uaa7e-\uaaaf\uaab1\uaab5-\uaab6\uaab9-\uaabd\uaac0\uaac2-\uaadd\uaae0-\uaaea'
        '\uaaf2-\uaaf4\uab01-\uab5a\uab5c-\uab69\uab70-\uabe2\uac00-\ufb1d\ufb1f-\ufb28'
        '\ufb2a-\ufbb1\ufbd3-\ufd3d\ufd50-\ufdc7\ufdf0-\ufdfb\ufe70-\ufefc\uff21-\uff3a'
        '\uff41-\uff5a\uff66-\uffdc\U00010280-\U0001efff\U00020000-\U0003ffff]';

    -- At most thirty marks in a row stay, as in Unicode's Stream-Safe Text Format.
    run constant text := '[' || mark || '\u0f73\u0f75\u0f81\uff9e\uff9f]';
    composed text := normalize(regexp_replace(given, '(' || run || '{30})' || run || '+', '\1', 'g'), NFC);
    is_right_to_left boolean;
    letters text[];
    letter text;
    following text;
    before text;
    base text := '';
    has_virama boolean := false;
    kept text := '';
    stays boolean;
begin
    if composed ~ invisible then
        is_right_to_left := composed ~ right_to_left;
        letters := string_to_array(composed, null);
        for place in 1 .. cardinality(letters) loop
            letter := letters[place];
            following := letters[place + 1];
            stays := case
                when letter !~ invisible then true
                when before is null or before ~ space then false
                when letter ~ selector then before !~ invisible
                when letter ~ tag then before = U&'\+01F3F4' or before ~ tag
                when letter in (U&'\200C', U&'\200D') then
                    ascii(base) >= 1424 and before not in (U&'\200C', U&'\200D')
                    and (has_virama or coalesce(following !~ space and following !~ invisible, false))
                when letter in (U&'\061C', U&'\200E', U&'\200F') then is_right_to_left
                -- Within a word.
                when letter = U&'\00AD' then
                    before ~ alpha and coalesce(following ~ alpha and following !~ invisible, false)
                else false
            end;
            if stays then
                kept := kept || letter;
                before := letter;
                if letter ~ ('[' || mark || ']') then
                    has_virama := has_virama or letter ~ virama;
                else
                    has_virama := false;
                    base := case when letter ~ space then '' else letter end;
                end if;
            end if;
        end loop;
        composed := normalize(kept, NFC);
    end if;
    return regexp_replace(composed, '^' || space || '+|' || space || '+$', '', 'g');
end;
$$;

create function without_invisible(given text) returns text
    language sql immutable strict
    as $$ select regexp_replace(given,
    '[\u0001-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4'
    '\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0'
    '\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]',
    '', 'g') $$;

create function normal_key(given text) returns text
    language sql immutable strict
    as $$ select normal_text(without_invisible(given)) $$;

-- The catalogue's companies whose products have to be indexed anew.
create temporary table changed_catalogs (company_id uuid) on commit drop;

-- What a row says; a column that needs nothing visible may come to be empty, one that may be null comes to be null.
do $$
declare
    each record;
    change text;
begin
    for each in
        select c.table_name as of_table, c.column_name as named, told.form, told.needed,
               c.is_nullable = 'YES' as is_nullable
        from (values
            ('companies.name', 'text', true),
            ('roles.name', 'text', true), ('roles.description', 'text', false),
            ('users.first_name', 'text', false), ('users.last_name', 'text', false), ('users.phone', 'text', false),
            ('memberships.invited_first_name', 'text', false), ('memberships.invited_last_name', 'text', false),
            ('addresses.full_name', 'text', false), ('addresses.address_line_1', 'text', false),
            ('addresses.address_line_2', 'text', false), ('addresses.city', 'text', false),
            ('addresses.postal_code', 'text', false), ('addresses.province', 'text', false),
            ('addresses.phone', 'text', false),
            ('categories.name', 'text', true), ('categories.description', 'text', false),
            ('categories.icon', 'text', false),
            ('category_attributes.unit', 'text', false),
            ('products.name', 'text', true), ('products.description', 'text', false),
            ('products.long_description', 'text', false), ('products.brand', 'text', false),
            ('products.model', 'text', false),
            ('product_attributes.value', 'text', true), ('product_attributes.unit', 'text', false),
            ('product_variants.name', 'text', true), ('product_variants.color', 'text', false),
            ('product_variants.size', 'text', false),
            ('reviews.title', 'text', false), ('reviews.comment', 'text', false),
            ('inventory_items.location', 'text', false),
            ('stock_movements.reason', 'text', false), ('stock_movements.reference', 'text', false),
            ('promotions.name', 'text', true), ('promotions.description', 'text', false),
            ('refunds.reason', 'text', false),
            ('orders.notes', 'text', false), ('orders.tracking_number', 'text', false),
            ('order_addresses.full_name', 'text', false), ('order_addresses.address_line_1', 'text', false),
            ('order_addresses.address_line_2', 'text', false), ('order_addresses.city', 'text', false),
            ('order_addresses.postal_code', 'text', false), ('order_addresses.province', 'text', false),
            ('order_addresses.phone', 'text', false),
            ('order_items.product_name', 'text', false), ('order_items.variant_name', 'text', false),
            ('order_items.sku', 'key', false),
            ('order_status_history.comment', 'text', false),
            ('order_promotions.promotion_name', 'text', false), ('order_promotions.promo_code', 'key', false)
        ) as told (name, form, needed)
        join information_schema.columns c on c.table_schema = 'public'
            and c.table_name = split_part(told.name, '.', 1) and c.column_name = split_part(told.name, '.', 2)
    loop
        change := format(
            'update %2$I set %1$I = ' || case when each.is_nullable then 'nullif(normal_%3$s(%1$I), '''')'
                else 'normal_%3$s(%1$I)' end
            || ' where (%1$I ~ ''[^ -~]'' or %1$I <> btrim(%1$I)) and %1$I is distinct from normal_%3$s(%1$I)'
            || case when each.needed then ' and normal_%3$s(%1$I) <> ''''' else '' end,
            each.named, each.of_table, each.form);
        if each.of_table in ('categories', 'products', 'product_attributes', 'product_variants') then
            change := format('with changed as (%s returning company_id) '
                'insert into changed_catalogs select company_id from changed', change);
        end if;
        execute change;
    end loop;
end;
$$;

-- What is unique: the first of two that would be the same takes the form, unless one has it already.
do $$
declare
    each record;
    one record;
begin
    for each in
        select * from (values
            ('category_attributes', 'name', 'text'), ('product_attributes', 'name', 'text'),
            ('categories', 'slug', 'key'), ('products', 'slug', 'key'), ('promotions', 'code', 'key')
        ) as told (of_table, named, form)
    loop
        for one in execute format(
            'select id, company_id, normal_%3$s(%1$I) as wanted from %2$I '
            'where (%1$I ~ ''[^ -~]'' or %1$I <> btrim(%1$I)) and normal_%3$s(%1$I) not in (%1$I, '''') order by id',
            each.named, each.of_table, each.form)
        loop
            begin
                execute format('update %2$I set %1$I = $1 where id = $2', each.named, each.of_table)
                    using one.wanted, one.id;
                insert into changed_catalogs values (one.company_id);
            exception when unique_violation then
                null;  -- told by `commerce doctor`
            end;
        end loop;
    end loop;
end;
$$;

-- A SKU is one for what is sold and for its stock: both take the form, or neither.
do $$
declare
    one record;
begin
    for one in
        select company_id, sku, normal_key(sku) as wanted from (
            select company_id, sku from products where sku ~ '[^ -~]' or sku <> btrim(sku)
            union select company_id, sku from product_variants where sku ~ '[^ -~]' or sku <> btrim(sku)
            union select company_id, sku from inventory_items where sku ~ '[^ -~]' or sku <> btrim(sku)
        ) skus
        where normal_key(sku) not in (sku, '') order by company_id, sku collate "C"
    loop
        continue when exists (
            select from products where company_id = one.company_id and sku = one.wanted
            union all select from product_variants where company_id = one.company_id and sku = one.wanted
            union all select from inventory_items where company_id = one.company_id and sku = one.wanted);
        update products set sku = one.wanted where company_id = one.company_id and sku = one.sku;
        update product_variants set sku = one.wanted where company_id = one.company_id and sku = one.sku;
        update inventory_items set sku = one.wanted where company_id = one.company_id and sku = one.sku;
        insert into changed_catalogs values (one.company_id);
    end loop;
end;
$$;

-- Lists: each text once, those with nothing visible left out.
create function normal_texts(given text[]) returns text[]
    language sql immutable strict
    as $$
        select coalesce(array_agg(item order by place), '{}') from (
            select normal_text(item) as item, min(place) as place
            from unnest(given) with ordinality as items (item, place) group by 1) texts
        where item <> ''
    $$;
create function normal_options(given jsonb) returns jsonb
    language sql immutable strict
    as $$
        select coalesce(jsonb_agg(jsonb_build_object(
            'name', coalesce(nullif(normal_text(item ->> 'name'), ''), item ->> 'name'),
            'value', coalesce(nullif(normal_text(item ->> 'value'), ''), item ->> 'value')) order by place), '[]')
        from jsonb_array_elements(given) with ordinality as items (item, place)
    $$;
with changed as (
    update products set tags = normal_texts(tags) where tags <> normal_texts(tags) returning company_id
)
insert into changed_catalogs select company_id from changed;
with changed as (
    update category_attributes set options = normal_texts(options)
    where options <> normal_texts(options) returning company_id
)
insert into changed_catalogs select company_id from changed;
with changed as (
    update product_variants set options = normal_options(options)
    where options::text ~ '[^ -~]' and options <> normal_options(options) returning company_id
)
insert into changed_catalogs select company_id from changed;

-- A job indexes these products again.
update product_search set version = 0 where company_id in (select company_id from changed_catalogs);

-- What staff search people by: without what nobody sees, in the letters that people type, and with the digits of the
-- telephone number, as `searchable` in domains/auth/names.py makes it.
create function searched(given text) returns text
    language sql immutable strict
    as $$
        select btrim(regexp_replace(replace(replace(replace(translate(without_invisible(given),
            U&'\00F8\0142\0111\00F0\0131\0127\0167\014B', 'olddihtn'),
            U&'\00FE', 'th'), U&'\00E6', 'ae'), U&'\0153', 'oe'), '\s+', ' ', 'g'))
    $$;
update users set search_text = searched(search_text) where search_text <> searched(search_text);
update users set search_text = concat_ws(' ', nullif(search_text, ''), digits)
from (
    select id, ltrim(regexp_replace(regexp_replace(phone, '(,|;|#|\*|\mext|x).*', '', 'i'), '\(0\)|\D', '', 'g'), '0')
        as digits
    from users where phone is not null
) phones
where users.id = phones.id and digits <> '';
update memberships set invited_search_text = searched(invited_search_text)
where invited_search_text <> searched(invited_search_text);

drop function searched(text);
drop function normal_options(jsonb);
drop function normal_texts(text[]);
drop function normal_key(text);
drop function without_invisible(text);
drop function normal_text(text);
