with

load_runs as (
    select * from {{ ref('stg_operational__load_runs') }}
),

keyed as (
    select
        load_id,
        {{ date_key('started_at') }} as date_key,
        started_at,
        finished_at,
        outcome,
        loaded_from,
        layout,
        content_hash,
        row_count,
        image_count,
        file_count,
        missing_file_count,
        rejected_row_count,
        left_out_row_count,
        inserted_count,
        updated_count,
        unchanged_count,
        duration_seconds,
        message
    from load_runs
)

select * from keyed
