with

evaluations as (
    select * from {{ ref('stg_operational__evaluations') }}
),

keyed as (
    select
        {{ surrogate_key('model_id') }} as model_key,
        dataset_name,
        split,
        diagnosis_code,
        case
            when diagnosis_code <> 'all' then {{ surrogate_key('diagnosis_code') }}
        end as diagnosis_key,
        metric,
        value,
        low,
        high,
        image_count
    from evaluations
)

select * from keyed
