with

evaluations as (
    select * from {{ ref('fct_subgroup_evaluations') }}
),

models as (
    select * from {{ ref('dim_models') }}
),

named as (
    select
        models.model_id,
        models.backbone,
        models.is_champion,
        models.is_synthetic,
        evaluations.dataset_name,
        evaluations.split,
        evaluations.subgroup_kind,
        evaluations.subgroup,
        evaluations.metric,
        evaluations.value,
        evaluations.low,
        evaluations.high,
        evaluations.image_count
    from evaluations
    inner join models on evaluations.model_key = models.model_key
)

select * from named
