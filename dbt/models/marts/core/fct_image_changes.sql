with

image_changes as (
    select * from {{ ref('stg_operational__image_changes') }}
),

described as (
    select
        load_id,
        image_id,
        column_name,
        old_value,
        new_value
    from image_changes
)

select * from described
