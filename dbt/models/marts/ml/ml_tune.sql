{{ config(materialized="view") }}

with

images as (
    select * from {{ ref('ml_images') }}
),

-- The clinical prevalence stays: thresholds and metrics would be biased otherwise.
held_out as (
    select
        image_id,
        lesion_group_id,
        diagnosis_code,
        split,
        is_balanced,
        age_years,
        sex_code,
        localization_code,
        uri,
        sha256,
        weight
    from images
    where split = 'tune'
)

select * from held_out
