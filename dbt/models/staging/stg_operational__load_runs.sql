with

live as (
    {{ live_rows("load_run") }}
),

renamed as (
    select
        load_id,
        source as loaded_from,
        layout,
        started_at,
        finished_at,
        outcome,
        content_hash,
        "rows" as row_count,
        images as image_count,
        files as file_count,
        missing_files as missing_file_count,
        rejected as rejected_row_count,
        coalesce(left_out, 0) as left_out_row_count,
        inserted as inserted_count,
        updated as updated_count,
        unchanged as unchanged_count,
        seconds as duration_seconds,
        message,
        updated_at
    from live
)

select * from renamed
