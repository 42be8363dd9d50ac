with

images as (
    select * from {{ ref('stg_operational__images') }}
),

image_files as (
    select * from {{ ref('stg_operational__image_files') }}
),

keyed as (
    select
        images.image_id,
        {{ surrogate_key('images.lesion_id') }} as lesion_key,
        {{ surrogate_key('images.diagnosis_code') }} as diagnosis_key,
        {{ surrogate_key('images.confirmation_code') }} as confirmation_key,
        {{ surrogate_key('images.localization_code') }} as localization_key,
        {{ surrogate_key(['images.sex_code', 'images.age_band']) }} as patient_group_key,
        {{ surrogate_key('images.source_code') }} as source_key,
        images.load_id,
        images.age_years,
        coalesce(image_files.file_status = 'ok', false) as has_file
    from images
    left join image_files on images.image_id = image_files.image_id
)

select * from keyed
