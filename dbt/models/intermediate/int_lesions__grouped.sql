with recursive

images as (
    select * from {{ ref('stg_operational__images') }}
),

image_files as (
    select * from {{ ref('stg_operational__image_files') }}
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

files as (
    select
        images.lesion_id,
        image_files.sha256
    from image_files
    inner join images on image_files.image_id = images.image_id
    where image_files.file_status = 'ok'
),

-- Lesions with the same file are joined as a star, through the smallest of them: joining each with
-- each would take a million pairs for a thousand copies of one file.
hubs as (
    select
        sha256,
        min(lesion_id) as lesion_id
    from files
    group by sha256
    having min(lesion_id) <> max(lesion_id)
),

equal_files as (
    select
        hubs.lesion_id,
        files.lesion_id as other_lesion_id
    from hubs
    inner join files on hubs.sha256 = files.sha256
),

pairs as (
    select * from listed_pairs
    union
    select * from equal_files
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

lesions as (
    select
        lesion_id,
        count(*) as image_count
    from images
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
