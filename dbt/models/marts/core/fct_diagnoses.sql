with

images as (
    select * from {{ ref('int_images__labelled') }}
),

keyed as (
    select
        image_id,
        {{ surrogate_key('lesion_id') }} as lesion_key,
        {{ surrogate_key('diagnosis_code') }} as diagnosis_key,
        {{ surrogate_key('confirmation_code') }} as confirmation_key,
        {{ surrogate_key('localization_code') }} as localization_key,
        {{ surrogate_key(['sex_code', 'age_band']) }} as patient_group_key,
        {{ surrogate_key('source_code') }} as source_key,
        load_id,
        age_years,
        file_status = 'ok' as has_file
    from images
)

select * from keyed
