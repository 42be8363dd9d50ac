with

diagnoses as (
    select * from {{ ref('diagnoses') }}
),

keyed as (
    select
        {{ surrogate_key('code') }} as diagnosis_key,
        code as diagnosis_code,
        name as diagnosis_name,
        is_malignant
    from diagnoses
)

select * from keyed
