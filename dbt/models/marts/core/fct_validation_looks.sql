with

validation_looks as (
    select * from {{ ref('stg_operational__validation_looks') }}
),

models as (
    select * from {{ ref('stg_operational__models') }}
),

keyed as (
    select
        validation_looks.look_id,
        {{ surrogate_key('models.model_id') }} as model_key,
        {{ date_key('validation_looks.looked_at') }} as date_key,
        validation_looks.looked_at,
        validation_looks.looked_by,
        validation_looks.reason,
        validation_looks.model_id,
        validation_looks.other_model_id,
        validation_looks.warehouse_version,
        validation_looks.split
    from validation_looks
    left join models on validation_looks.model_id = models.model_id
)

select * from keyed
