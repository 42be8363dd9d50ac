with

live as (
    {{ live_rows("image_change") }}
),

renamed as (
    select
        load_id,
        image_id,
        column_name,
        old_value,
        new_value,
        updated_at
    from live
)

select * from renamed
