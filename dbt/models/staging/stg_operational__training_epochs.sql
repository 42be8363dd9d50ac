with

live as (
    {{ live_rows("training_epoch") }}
),

renamed as (
    select
        model_id,
        stage,
        epoch,
        train_loss,
        tune_loss,
        tune_balanced_accuracy,
        updated_at
    from live
)

select * from renamed
