with

predictions as (
    select * from {{ ref('fct_predictions') }}
),

dates as (
    select * from {{ ref('dim_dates') }}
),

diagnoses as (
    select * from {{ ref('dim_diagnoses') }}
),

models as (
    select * from {{ ref('dim_models') }}
),

counted as (
    select
        date_key,
        model_key,
        diagnosis_key,
        count(*) as prediction_count,
        sum(case when decision = 'likely' then 1 else 0 end) as likely_count,
        sum(case when decision = 'uncertain' then 1 else 0 end) as uncertain_count,
        sum(case when decision = 'not_assessable' then 1 else 0 end) as not_assessable_count,
        avg(confidence) as mean_confidence,
        avg(latency_ms) as mean_latency_ms
    from predictions
    where not is_shadow
    group by date_key, model_key, diagnosis_key
),

named as (
    select
        dates.date_day,
        models.model_id,
        diagnoses.diagnosis_code,
        diagnoses.diagnosis_name,
        counted.prediction_count,
        cast(counted.likely_count as bigint) as likely_count,
        cast(counted.uncertain_count as bigint) as uncertain_count,
        cast(counted.not_assessable_count as bigint) as not_assessable_count,
        counted.mean_confidence,
        counted.mean_latency_ms
    from counted
    inner join dates on counted.date_key = dates.date_key
    inner join models on counted.model_key = models.model_key
    inner join diagnoses on counted.diagnosis_key = diagnoses.diagnosis_key
)

select * from named
