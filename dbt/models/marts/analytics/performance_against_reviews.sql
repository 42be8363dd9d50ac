{#
    A model's latest answer to a capture against the latest review of it. A capture is reviewed
    because someone doubted it or treated it: these shares are of what was reviewed, not of all.
#}
with

predictions as (
    select * from {{ ref('fct_predictions') }}
),

reviews as (
    select * from {{ ref('fct_reviews') }}
),

models as (
    select * from {{ ref('dim_models') }}
),

diagnoses as (
    select * from {{ ref('dim_diagnoses') }}
),

evaluations as (
    select * from {{ ref('fct_evaluations') }}
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
    from reviews
),

-- Only captures that were reviewed are of interest, and they are few among many.
ordered_answers as (
    select
        model_key,
        capture_id,
        diagnosis_key,
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
        cast(date_trunc('week', ordered_reviews.reviewed_at) as date) as week_start_day,
        ordered_answers.diagnosis_key = ordered_reviews.diagnosis_key as is_agreement,
        answered.is_malignant as is_answered_malignant,
        reviewed.is_malignant
    from ordered_reviews
    inner join ordered_answers on ordered_reviews.capture_id = ordered_answers.capture_id
    inner join diagnoses as answered
        on ordered_answers.diagnosis_key = answered.diagnosis_key
    inner join diagnoses as reviewed
        on ordered_reviews.diagnosis_key = reviewed.diagnosis_key
    where ordered_reviews.recency = 1 and ordered_answers.recency = 1
),

counted as (
    select
        model_key,
        week_start_day,
        count(*) as reviewed_count,
        count(case when is_agreement then 1 end) as agreement_count,
        count(case when is_malignant then 1 end) as malignant_count,
        count(case when is_malignant and is_answered_malignant then 1 end)
            as malignant_found_count
    from compared
    group by model_key, week_start_day
),

validated as (
    select
        model_key,
        max(case when metric = 'accuracy' then value end) as validation_accuracy,
        max(case when metric = 'balanced_accuracy' then value end)
            as validation_balanced_accuracy
    from evaluations
    where split = 'validation' and diagnosis_code = 'all'
    group by model_key
),

shared as (
    select
        models.model_id,
        counted.week_start_day,
        counted.reviewed_count,
        counted.agreement_count,
        {{ ratio('counted.agreement_count', 'counted.reviewed_count') }} as agreement_share,
        {{ wilson_low('counted.agreement_count', 'counted.reviewed_count') }}
            as agreement_share_low,
        {{ wilson_high('counted.agreement_count', 'counted.reviewed_count') }}
            as agreement_share_high,
        counted.malignant_count,
        counted.malignant_found_count,
        {{ ratio('counted.malignant_found_count', 'counted.malignant_count') }}
            as malignant_found_share,
        validated.validation_accuracy,
        validated.validation_balanced_accuracy
    from counted
    inner join models on counted.model_key = models.model_key
    left join validated on counted.model_key = validated.model_key
)

select * from shared
