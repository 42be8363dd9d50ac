with

captures as (
    select * from {{ ref('stg_operational__captures') }}
),

capture_lesions as (
    select * from {{ ref('stg_operational__capture_lesions') }}
),

images as (
    select * from {{ ref('stg_operational__images') }}
),

image_files as (
    select * from {{ ref('stg_operational__image_files') }}
),

-- A kept file is named by the hash of what is kept: images/ab/<64 digits>.jpg.
kept as (
    select
        captures.*,
        substr(captures.uri, greatest(length(captures.uri) - 67, 1), 64) as frame_sha256
    from captures
    where captures.has_consent and captures.uri is not null
),

stated as (
    select
        kept.frame_sha256,
        capture_lesions.lesion_id,
        row_number() over (
            partition by kept.frame_sha256
            order by capture_lesions.stated_at desc, kept.capture_id desc
        ) as recency
    from kept
    inner join capture_lesions on kept.capture_id = capture_lesions.capture_id
),

loaded_files as (
    select
        image_files.sha256,
        min(images.lesion_id) as lesion_id
    from image_files
    inner join images on image_files.image_id = images.image_id
    where image_files.file_status = 'ok'
    group by image_files.sha256
),

-- Equal to a loaded file as it came, or as it was kept.
frame_files as (
    select
        frame_sha256,
        sha256
    from kept
    union
    select
        frame_sha256,
        frame_sha256 as sha256
    from kept
),

loaded as (
    select
        frame_files.frame_sha256,
        min(loaded_files.lesion_id) as lesion_id
    from frame_files
    inner join loaded_files on frame_files.sha256 = loaded_files.sha256
    group by frame_files.frame_sha256
),

-- What a person states holds; else an equal file tells; else the frame is a lesion by itself.
identified as (
    select
        kept.capture_id,
        'frame-' || kept.frame_sha256 as image_id,
        coalesce(stated.lesion_id, loaded.lesion_id, 'frame-' || kept.frame_sha256) as lesion_id,
        loaded.lesion_id is not null as is_loaded,
        kept.frame_sha256,
        kept.uri,
        kept.width_px,
        kept.height_px,
        kept.captured_at,
        kept.age_years,
        kept.age_band,
        kept.sex_code,
        kept.localization_code,
        kept.subject_id
    from kept
    left join stated on kept.frame_sha256 = stated.frame_sha256 and stated.recency = 1
    left join loaded on kept.frame_sha256 = loaded.frame_sha256
)

select * from identified
