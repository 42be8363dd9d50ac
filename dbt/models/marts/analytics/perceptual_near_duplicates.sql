{{ config(materialized="view") }}

with

images as (
    select * from {{ ref('dim_images') }}
),

diagnoses as (
    select * from {{ ref('fct_diagnoses') }}
),

dim_diagnoses as (
    select * from {{ ref('dim_diagnoses') }}
),

-- One row an image, not a pair: a thousand blank frames would be half a million pairs.
shared_hashes as (
    select
        phash,
        count(*) as image_count,
        count(distinct lesion_group_id) as lesion_group_count
    from images
    where file_status = 'ok' and phash is not null
    group by phash
    having count(distinct lesion_group_id) > 1
),

suspects as (
    select
        images.phash,
        images.image_id,
        images.lesion_group_id,
        images.split,
        dim_diagnoses.diagnosis_code,
        shared_hashes.image_count,
        shared_hashes.lesion_group_count
    from images
    inner join shared_hashes on images.phash = shared_hashes.phash
    inner join diagnoses on images.image_id = diagnoses.image_id
    inner join dim_diagnoses on diagnoses.diagnosis_key = dim_diagnoses.diagnosis_key
    where images.file_status = 'ok'
)

select * from suspects
