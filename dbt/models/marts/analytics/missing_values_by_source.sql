{% set missing = {
    "age_years": "age_years is null",
    "sex_code": "sex_code = 'unknown'",
    "localization_code": "localization_code = 'unknown'",
    "file": "not has_file",
} %}

with

images as (
    select * from {{ ref('labelled_images') }}
),

counted as (
    {%- for column, condition in missing.items() %}
    select
        source_code,
        '{{ column }}' as column_name,
        count(*) as image_count,
        count(case when {{ condition }} then 1 end) as missing_count
    from images
    group by source_code
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

shared as (
    select
        source_code,
        column_name,
        image_count,
        missing_count,
        {{ ratio('missing_count', 'image_count') }} as missing_share
    from counted
)

select * from shared
