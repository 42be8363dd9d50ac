with

live as (
    {{ live_rows("image_file") }}
),

renamed as (
    select
        image_id,
        status as file_status,
        uri,
        sha256,
        bytes as size_bytes,
        width as width_px,
        height as height_px,
        phash,
        message,
        load_id,
        updated_at
    from live
)

select * from renamed
