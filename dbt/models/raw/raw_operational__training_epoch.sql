{{ config(unique_key=["model_id", "stage", "epoch"]) }}

{{ copy_from_store("training_epoch") }}
