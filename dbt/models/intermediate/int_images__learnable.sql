with

images as (
    select * from {{ ref('int_images__labelled') }}
),

usable as (
    select
        image_id,
        diagnosis_code,
        age_years,
        sex_code,
        localization_code,
        source_code,
        uri,
        sha256
    from images
    where file_status = 'ok'
),

photographs as (
    select count(*) as photograph_count
    from usable
    where source_code not in ('synthetic', 'camera')
),

-- Drawn images stand in until photographs are loaded, and never teach or judge a model beside them.
-- A few frames of the camera do not end that: there would be too little to learn from.
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
