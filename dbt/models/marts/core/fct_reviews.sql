with

reviews as (
    select * from {{ ref('stg_operational__reviews') }}
),

captures as (
    select * from {{ ref('stg_operational__captures') }}
),

keyed as (
    select
        reviews.review_id,
        reviews.capture_id,
        {{ date_key('reviews.reviewed_at') }} as date_key,
        reviews.reviewed_at,
        {{ surrogate_key('reviews.diagnosis_code') }} as diagnosis_key,
        {{ surrogate_key('reviews.confirmation_code') }} as confirmation_key,
        {{ surrogate_key('captures.localization_code') }} as localization_key,
        {{ surrogate_key(['captures.sex_code', 'captures.age_band']) }} as patient_group_key,
        reviews.reviewer,
        reviews.role_code,
        captures.has_consent,
        captures.sha256
    from reviews
    inner join captures on reviews.capture_id = captures.capture_id
)

select * from keyed
