-- Rows leave the store by a tombstone, never by deletion. Fewer rows there than here mean that the
-- store was replaced under this warehouse: build anew with `--full-refresh`.
{% set counts = [] %}
{%- for table in var('store_tables') %}
{%- do counts.append("select '" ~ table ~ "' as table_name, count(*) as row_count from " ~ table) %}
{%- endfor %}

with

copied as (
    {%- for table in var('store_tables') %}
    select
        '{{ table }}' as table_name,
        count(*) as row_count
    from {{ ref('raw_operational__' ~ table) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

stored as (
    select * from {{ query_store(counts | join(' union all ')) }}
)

select
    copied.table_name,
    copied.row_count,
    stored.row_count as stored_row_count
from copied
inner join stored on copied.table_name = stored.table_name
where copied.row_count > cast(stored.row_count as bigint)
