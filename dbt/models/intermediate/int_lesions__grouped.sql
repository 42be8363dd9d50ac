with recursive

images as (
    select * from {{ ref('int_images__labelled') }}
),

captures as (
    select * from {{ ref('int_captures__identified') }}
),

image_origins as (
    select * from {{ ref('stg_operational__image_origins') }}
),

aliases as (
    select * from {{ ref('lesion_aliases') }}
),

listed_pairs as (
    select
        one.lesion_id,
        other.lesion_id as other_lesion_id
    from aliases
    inner join images as one on aliases.image_id = one.image_id
    inner join images as other on aliases.other_image_id = other.image_id
),

-- What images are known by: a file, or an id that several sources use. Each source's own words are
-- asked, since an image has but one of its sources' files, and one of their ids.
marks as (
    select
        lesion_id,
        sha256 as mark
    from images
    where file_status = 'ok'
    union
    select
        images.lesion_id,
        image_origins.sha256 as mark
    from image_origins
    inner join images on image_origins.image_id = images.image_id
    where image_origins.file_status = 'ok'
    union
    select
        images.lesion_id,
        image_origins.source_image_id as mark
    from image_origins
    inner join images on image_origins.image_id = images.image_id
),

-- Lesions with the same mark are joined as a star, through the smallest of them: joining each with
-- each would take a million pairs for a thousand copies of one file.
hubs as (
    select
        mark,
        min(lesion_id) as lesion_id
    from marks
    group by mark
    having min(lesion_id) <> max(lesion_id)
),

equal_marks as (
    select
        hubs.lesion_id,
        marks.lesion_id as other_lesion_id
    from hubs
    inner join marks on hubs.mark = marks.mark
),

-- One person's lesions resemble each other, so that all of them stand on one side.
subjects as (
    select
        subject_id,
        min(lesion_id) as lesion_id
    from captures
    where subject_id is not null
    group by subject_id
),

equal_subjects as (
    select
        subjects.lesion_id,
        captures.lesion_id as other_lesion_id
    from subjects
    inner join captures on subjects.subject_id = captures.subject_id
),

-- What one source calls one lesion is one, whatever other sources call it.
named_lesions as (
    select
        image_origins.origin_code,
        image_origins.lesion_id as origin_lesion_id,
        min(images.lesion_id) as lesion_id
    from image_origins
    inner join images on image_origins.image_id = images.image_id
    group by image_origins.origin_code, image_origins.lesion_id
    having min(images.lesion_id) <> max(images.lesion_id)
),

renamed_lesions as (
    select
        named_lesions.lesion_id,
        images.lesion_id as other_lesion_id
    from named_lesions
    inner join image_origins
        on
            named_lesions.origin_code = image_origins.origin_code
            and named_lesions.origin_lesion_id = image_origins.lesion_id
    inner join images on image_origins.image_id = images.image_id
),

pairs as (
    select * from listed_pairs
    union
    select * from renamed_lesions
    union
    select * from equal_marks
    union
    select * from equal_subjects
),

edges as (
    select
        lesion_id,
        other_lesion_id
    from pairs
    where lesion_id <> other_lesion_id
    union
    select
        other_lesion_id as lesion_id,
        lesion_id as other_lesion_id
    from pairs
    where lesion_id <> other_lesion_id
),

-- The smallest lesion of a group has no smaller neighbour, so that only such need be followed.
roots as (
    select lesion_id
    from edges
    group by lesion_id
    having lesion_id < min(other_lesion_id)
),

reached as (
    select
        lesion_id as root_lesion_id,
        lesion_id
    from roots
    union
    select
        reached.root_lesion_id,
        edges.other_lesion_id as lesion_id
    from reached
    inner join edges on reached.lesion_id = edges.lesion_id
),

joined_lesions as (
    select
        lesion_id,
        min(root_lesion_id) as lesion_group_id
    from reached
    group by lesion_id
),

-- A frame without a label groups what it stands between, though nobody learns from it.
seen as (
    select
        lesion_id,
        1 as image_count
    from images
    union all
    select
        lesion_id,
        0 as image_count
    from captures
),

lesions as (
    select
        lesion_id,
        cast(sum(image_count) as bigint) as image_count
    from seen
    group by lesion_id
),

grouped as (
    select
        lesions.lesion_id,
        coalesce(joined_lesions.lesion_group_id, lesions.lesion_id) as lesion_group_id,
        lesions.image_count
    from lesions
    left join joined_lesions on lesions.lesion_id = joined_lesions.lesion_id
)

select * from grouped
