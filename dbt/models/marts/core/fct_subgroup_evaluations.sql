with

subgroup_evaluations as (
    select * from {{ ref('stg_operational__subgroup_evaluations') }}
),

keyed as (
    select
        {{ surrogate_key('model_id') }} as model_key,
        dataset_name,
        split,
        subgroup_kind,
        subgroup,
        metric,
        value,
        low,
        high,
        image_count
    from subgroup_evaluations
)

select * from keyed
