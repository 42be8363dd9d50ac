with

origins as (
    select * from {{ ref('fct_image_origins') }}
),

images as (
    select * from {{ ref('stg_operational__images') }}
),

{% set columns = [
    "diagnosis_code", "confirmation_code", "age_years", "sex_code", "localization_code",
    "source_code",
] -%}

-- DuckDB writes an age of 45 as 45.0, PostgreSQL as 45, and so does a person.
compared as (
    {%- for column in columns %}
    select
        origins.image_id,
        origins.origin_code,
        origins.source_image_id,
        '{{ column }}' as column_name,
        regexp_replace(cast(images.{{ column }} as text), '[.]0$', '') as star_value,
        regexp_replace(cast(origins.{{ column }} as text), '[.]0$', '') as source_value
    from origins
    inner join images on origins.image_id = images.image_id
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

differing as (
    select * from compared
    where star_value <> source_value and source_value <> 'unknown'
)

select * from differing
