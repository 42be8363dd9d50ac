with

images as (
    select * from {{ ref('stg_operational__images') }}
),

image_files as (
    select * from {{ ref('stg_operational__image_files') }}
),

usable as (
    select
        images.image_id,
        images.diagnosis_code,
        images.age_years,
        images.sex_code,
        images.localization_code,
        images.source_code,
        image_files.uri,
        image_files.sha256
    from images
    inner join image_files on images.image_id = image_files.image_id
    where image_files.file_status = 'ok'
),

photographs as (
    select count(*) as photograph_count
    from usable
    where source_code <> 'synthetic'
),

-- Drawn images stand in until there are photographs, and never teach or judge a model beside them.
learnable as (
    select
        usable.image_id,
        usable.diagnosis_code,
        usable.age_years,
        usable.sex_code,
        usable.localization_code,
        usable.source_code,
        usable.uri,
        usable.sha256
    from usable
    cross join photographs
    where usable.source_code <> 'synthetic' or photographs.photograph_count = 0
)

select * from learnable
