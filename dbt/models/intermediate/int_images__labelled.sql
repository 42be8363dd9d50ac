with

images as (
    select * from {{ ref('stg_operational__images') }}
),

image_files as (
    select * from {{ ref('stg_operational__image_files') }}
),

captures as (
    select * from {{ ref('int_captures__identified') }}
),

lesions as (
    select * from {{ ref('int_lesions__labelled') }}
),

loaded as (
    select
        images.image_id,
        images.lesion_id,
        images.diagnosis_code,
        images.confirmation_code,
        images.age_years,
        images.age_band,
        images.sex_code,
        images.localization_code,
        images.source_code,
        images.load_id,
        coalesce(image_files.file_status, 'missing') as file_status,
        image_files.uri,
        image_files.sha256,
        image_files.size_bytes,
        image_files.width_px,
        image_files.height_px,
        image_files.phash
    from images
    left join image_files on images.image_id = image_files.image_id
),

-- Equal frames are one image; what is known of the person is what the latest capture says.
latest as (
    select
        captures.*,
        row_number() over (
            partition by captures.image_id
            order by captures.captured_at desc, captures.capture_id desc
        ) as recency
    from captures
    where not captures.is_loaded
),

frames as (
    select
        latest.image_id,
        latest.lesion_id,
        lesions.diagnosis_code,
        lesions.confirmation_code,
        latest.age_years,
        latest.age_band,
        latest.sex_code,
        latest.localization_code,
        'camera' as source_code,
        cast(null as text) as load_id,
        'ok' as file_status,
        latest.uri,
        latest.frame_sha256 as sha256,
        cast(null as bigint) as size_bytes,
        latest.width_px,
        latest.height_px,
        cast(null as text) as phash
    from latest
    inner join lesions on latest.lesion_id = lesions.lesion_id
    where latest.recency = 1 and lesions.diagnosis_code is not null and lesions.reviewer_count > 0
),

labelled as (
    select * from loaded
    union all
    select * from frames
)

select * from labelled
