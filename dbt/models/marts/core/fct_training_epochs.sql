with

training_epochs as (
    select * from {{ ref('stg_operational__training_epochs') }}
),

keyed as (
    select
        {{ surrogate_key('model_id') }} as model_key,
        stage,
        epoch,
        train_loss,
        tune_loss,
        tune_balanced_accuracy
    from training_epochs
)

select * from keyed
