with

compared as (
    select * from {{ ref('int_reviews__compared') }}
),

models as (
    select * from {{ ref('dim_models') }}
),

diagnoses as (
    select * from {{ ref('dim_diagnoses') }}
),

counted as (
    select
        model_key,
        predicted_diagnosis_key,
        reviewed_diagnosis_key,
        is_agreement,
        count(*) as prediction_count
    from compared
    group by model_key, predicted_diagnosis_key, reviewed_diagnosis_key, is_agreement
),

named as (
    select
        models.model_id,
        predicted.diagnosis_code as predicted_diagnosis_code,
        reviewed.diagnosis_code as reviewed_diagnosis_code,
        counted.is_agreement,
        counted.prediction_count
    from counted
    inner join models on counted.model_key = models.model_key
    inner join diagnoses as predicted
        on counted.predicted_diagnosis_key = predicted.diagnosis_key
    inner join diagnoses as reviewed
        on counted.reviewed_diagnosis_key = reviewed.diagnosis_key
)

select * from named
