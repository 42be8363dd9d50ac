with

live as (
    {{ live_rows("model") }}
),

renamed as (
    select
        model_id,
        backbone,
        input_px,
        created_at,
        parent_model_id,
        warehouse_version,
        split_hash,
        code_version,
        weights_source,
        parameters,
        decision_rule,
        train_images as train_image_count,
        onnx_sha256,
        onnx_bytes,
        is_synthetic,
        seconds as training_seconds,
        reason,
        updated_at
    from live
)

select * from renamed
