with

evaluations as (
    select * from {{ ref('fct_evaluations') }}
),

models as (
    select * from {{ ref('dim_models') }}
),

diagnoses as (
    select * from {{ ref('dim_diagnoses') }}
),

named as (
    select
        models.model_id,
        models.backbone,
        models.created_at,
        models.is_champion,
        models.is_challenger,
        models.is_synthetic,
        evaluations.dataset_name,
        evaluations.split,
        evaluations.metric,
        evaluations.diagnosis_code,
        coalesce(diagnoses.diagnosis_name, 'All diagnoses') as diagnosis_name,
        evaluations.value,
        evaluations.low,
        evaluations.high,
        evaluations.image_count
    from evaluations
    inner join models on evaluations.model_key = models.model_key
    left join diagnoses on evaluations.diagnosis_key = diagnoses.diagnosis_key
)

select * from named
