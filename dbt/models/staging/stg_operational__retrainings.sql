with

live as (
    {{ live_rows("retraining") }}
),

renamed as (
    select
        retraining_id,
        started_at,
        finished_at,
        outcome,
        rules as fired_rules,
        start as start_code,
        warehouse_version,
        split_hash,
        parent_model_id,
        model_id,
        is_promoted,
        message,
        updated_at
    from live
)

select * from renamed
