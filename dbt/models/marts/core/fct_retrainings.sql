with

retrainings as (
    select * from {{ ref('stg_operational__retrainings') }}
),

keyed as (
    select
        retraining_id,
        {{ date_key('started_at') }} as date_key,
        started_at,
        finished_at,
        outcome,
        fired_rules,
        start_code,
        warehouse_version,
        split_hash,
        parent_model_id,
        model_id,
        is_promoted,
        message
    from retrainings
)

select * from keyed
