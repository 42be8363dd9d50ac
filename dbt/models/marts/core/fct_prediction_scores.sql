{{ config(materialized="view") }}

with

predictions as (
    select * from {{ ref('fct_predictions') }}
),

diagnoses as (
    select * from {{ ref('dim_diagnoses') }}
),

scores as (
    select
        predictions.prediction_id,
        diagnoses.diagnosis_key,
        case diagnoses.diagnosis_code
            {%- for diagnosis in var('closed_lists')['diagnoses'] %}
            when '{{ diagnosis }}' then predictions.p_{{ diagnosis }}
            {%- endfor %}
        end as probability,
        predictions.diagnosis_key = diagnoses.diagnosis_key as is_answer
    from predictions
    cross join diagnoses
)

select * from scores
