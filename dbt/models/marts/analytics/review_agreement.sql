with

predictions as (
    select * from {{ ref('fct_predictions') }}
),

reviews as (
    select
        capture_id,
        diagnosis_key,
        row_number() over (
            partition by capture_id
            order by reviewed_at desc, review_id desc
        ) as recency
    from {{ ref('fct_reviews') }}
),

models as (
    select * from {{ ref('dim_models') }}
),

diagnoses as (
    select * from {{ ref('dim_diagnoses') }}
),

-- The latest review of a capture is the one that holds.
counted as (
    select
        predictions.model_key,
        predictions.diagnosis_key as predicted_diagnosis_key,
        reviews.diagnosis_key as reviewed_diagnosis_key,
        count(*) as prediction_count
    from predictions
    inner join reviews on predictions.capture_id = reviews.capture_id
    where reviews.recency = 1
    group by predictions.model_key, predictions.diagnosis_key, reviews.diagnosis_key
),

named as (
    select
        models.model_id,
        predicted.diagnosis_code as predicted_diagnosis_code,
        reviewed.diagnosis_code as reviewed_diagnosis_code,
        counted.predicted_diagnosis_key = counted.reviewed_diagnosis_key as is_agreement,
        counted.prediction_count
    from counted
    inner join models on counted.model_key = models.model_key
    inner join diagnoses as predicted
        on counted.predicted_diagnosis_key = predicted.diagnosis_key
    inner join diagnoses as reviewed
        on counted.reviewed_diagnosis_key = reviewed.diagnosis_key
)

select * from named
