with

images as (
    select * from {{ ref('labelled_images') }}
),

counted as (
    select
        diagnosis_code,
        diagnosis_name,
        is_malignant,
        count(*) as image_count,
        count(distinct lesion_id) as lesion_count,
        count(distinct case when confirmation_code = 'histo' then lesion_id end)
            as histology_lesion_count
    from images
    group by diagnosis_code, diagnosis_name, is_malignant
),

totals as (
    select count(distinct lesion_id) as all_lesion_count
    from images
),

shared as (
    select
        counted.diagnosis_code,
        counted.diagnosis_name,
        counted.is_malignant,
        counted.image_count,
        counted.lesion_count,
        counted.histology_lesion_count,
        {{ ratio('counted.lesion_count', 'totals.all_lesion_count') }} as lesion_share,
        {{ wilson_low('counted.lesion_count', 'totals.all_lesion_count') }} as lesion_share_low,
        {{ wilson_high('counted.lesion_count', 'totals.all_lesion_count') }} as lesion_share_high
    from counted
    cross join totals
)

select * from shared
