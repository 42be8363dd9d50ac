{#
    The one place that says when an answer and a review agree. A capture is reviewed because someone
    doubted it or treated it: what is told of these rows is told of what was reviewed, not of all.
#}
with

predictions as (
    select * from {{ ref('fct_predictions') }}
),

ordered_reviews as (
    select
        capture_id,
        diagnosis_key,
        reviewed_at,
        row_number() over (
            partition by capture_id
            order by reviewed_at desc, review_id desc
        ) as recency
    from {{ ref('fct_reviews') }}
    where role_code = 'clinician'
),

-- Only captures that were reviewed are of interest, and they are few among many.
ordered_answers as (
    select
        model_key,
        capture_id,
        diagnosis_key,
        confidence,
        is_shadow,
        row_number() over (
            partition by model_key, capture_id
            order by predicted_at desc, prediction_id desc
        ) as recency
    from predictions
    where
        decision <> 'not_assessable'
        and capture_id in (select ordered_reviews.capture_id from ordered_reviews)
),

compared as (
    select
        ordered_answers.model_key,
        ordered_answers.capture_id,
        ordered_answers.diagnosis_key as predicted_diagnosis_key,
        ordered_answers.confidence,
        ordered_answers.is_shadow,
        ordered_reviews.diagnosis_key as reviewed_diagnosis_key,
        ordered_reviews.reviewed_at,
        ordered_answers.diagnosis_key = ordered_reviews.diagnosis_key as is_agreement
    from ordered_reviews
    inner join ordered_answers on ordered_reviews.capture_id = ordered_answers.capture_id
    where ordered_reviews.recency = 1 and ordered_answers.recency = 1
)

select * from compared
