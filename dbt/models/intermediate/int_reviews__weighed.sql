with

reviews as (
    select * from {{ ref('stg_operational__reviews') }}
),

captures as (
    select * from {{ ref('int_captures__identified') }}
),

images as (
    select * from {{ ref('stg_operational__images') }}
),

confirmation_methods as (
    select * from {{ ref('confirmation_methods') }}
),

-- Who loaded a lesion has a word on it like any reviewer.
words as (
    select
        captures.lesion_id,
        'reviewer ' || reviews.reviewer as reviewer,
        reviews.diagnosis_code,
        reviews.confirmation_code,
        reviews.reviewed_at,
        reviews.review_id
    from reviews
    inner join captures on reviews.capture_id = captures.capture_id
    where reviews.role_code = 'clinician'
    union all
    select
        images.lesion_id,
        'loaded data' as reviewer,
        images.diagnosis_code,
        images.confirmation_code,
        cast(null as timestamp) as reviewed_at,
        images.image_id as review_id
    from images
    where images.lesion_id in (select captures.lesion_id from captures)
),

-- Of one reviewer the best confirmed word on a lesion counts, and of several such the latest.
ranked as (
    select
        words.*,
        confirmation_methods.strength_rank,
        row_number() over (
            partition by words.lesion_id, words.reviewer
            order by
                confirmation_methods.strength_rank asc,
                words.reviewed_at desc,
                words.review_id desc
        ) as preference
    from words
    inner join confirmation_methods on words.confirmation_code = confirmation_methods.code
),

weighed as (
    select
        lesion_id,
        reviewer,
        diagnosis_code,
        confirmation_code,
        strength_rank,
        reviewed_at
    from ranked
    where preference = 1
)

select * from weighed
