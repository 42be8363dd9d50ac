with

live as (
    {{ live_rows("warehouse_build") }}
),

renamed as (
    select
        build_id,
        reason,
        started_at,
        finished_at,
        outcome,
        version,
        models as model_count,
        tests as test_count,
        failed as failed_count,
        message,
        seconds as duration_seconds,
        audit_sequence,
        audit_hash,
        updated_at
    from live
)

select * from renamed
