with

models as (
    select * from {{ ref('stg_operational__models') }}
),

aliases as (
    select * from {{ ref('stg_operational__model_aliases') }}
),

served as (
    select
        model_id,
        count(case when alias_name = 'champion' then 1 end) > 0 as is_champion,
        count(case when alias_name = 'challenger' then 1 end) > 0 as is_challenger
    from aliases
    group by model_id
),

keyed as (
    select
        {{ surrogate_key('models.model_id') }} as model_key,
        models.model_id,
        coalesce(served.is_champion, false) as is_champion,
        coalesce(served.is_challenger, false) as is_challenger,
        models.backbone,
        models.input_px,
        models.created_at,
        {{ surrogate_key('parents.model_id') }} as parent_model_key,
        models.warehouse_version,
        models.split_hash,
        models.code_version,
        models.weights_source,
        models.parameters,
        models.decision_rule,
        models.train_image_count,
        models.onnx_sha256,
        models.onnx_bytes,
        models.is_synthetic,
        models.training_seconds,
        models.reason
    from models
    left join served on models.model_id = served.model_id
    left join models as parents on models.parent_model_id = parents.model_id
)

select * from keyed
