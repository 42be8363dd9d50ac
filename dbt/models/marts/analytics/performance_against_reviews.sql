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

validated as (
    select * from {{ ref('int_models__validated') }}
),

judged as (
    select
        compared.model_key,
        cast(date_trunc('week', compared.reviewed_at) as date) as week_start_day,
        compared.is_agreement,
        answered.is_malignant as is_answered_malignant,
        reviewed.is_malignant
    from compared
    inner join diagnoses as answered
        on compared.predicted_diagnosis_key = answered.diagnosis_key
    inner join diagnoses as reviewed
        on compared.reviewed_diagnosis_key = reviewed.diagnosis_key
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
    from judged
    group by model_key, week_start_day
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
