with

live as (
    {{ live_rows("held_out_image") }}
),

renamed as (
    select
        image_id,
        split_bucket,
        warehouse_version,
        updated_at
    from live
)

select * from renamed
