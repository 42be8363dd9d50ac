with

confusions as (
    select * from {{ ref('stg_operational__confusions') }}
),

keyed as (
    select
        {{ surrogate_key('model_id') }} as model_key,
        dataset_name,
        split,
        {{ surrogate_key('diagnosis_code') }} as diagnosis_key,
        {{ surrogate_key('predicted_diagnosis_code') }} as predicted_diagnosis_key,
        image_count
    from confusions
)

select * from keyed
