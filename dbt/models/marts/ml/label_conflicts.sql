with

words as (
    select * from {{ ref('int_reviews__weighed') }}
),

lesions as (
    select * from {{ ref('int_lesions__labelled') }}
),

diagnoses as (
    select * from {{ ref('dim_diagnoses') }}
),

counted as (
    select
        words.lesion_id,
        diagnoses.diagnosis_code,
        count(*) as reviewer_count,
        min(words.strength_rank) as strength_rank,
        max(words.reviewed_at) as last_reviewed_at,
        coalesce(lesions.diagnosis_code = diagnoses.diagnosis_code, false) as is_label,
        lesions.diagnosis_code is null as is_open
    from words
    inner join lesions on words.lesion_id = lesions.lesion_id
    inner join diagnoses on words.diagnosis_code = diagnoses.diagnosis_code
    where lesions.is_conflict
    group by words.lesion_id, diagnoses.diagnosis_code, lesions.diagnosis_code
)

select * from counted
