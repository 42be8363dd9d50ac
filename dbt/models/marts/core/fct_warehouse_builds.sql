with

builds as (
    select * from {{ ref('stg_operational__warehouse_builds') }}
),

keyed as (
    select
        build_id,
        {{ date_key('started_at') }} as date_key,
        reason,
        started_at,
        finished_at,
        outcome,
        version,
        model_count,
        test_count,
        failed_count,
        message,
        duration_seconds,
        audit_sequence,
        audit_hash
    from builds
)

select * from keyed
