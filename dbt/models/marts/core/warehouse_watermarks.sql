with

watermarks as (
    {%- for table in var('store_tables') %}
    select
        '{{ table }}' as table_name,
        max(updated_at) as watermark
    from {{ ref('raw_operational__' ~ table) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from watermarks
