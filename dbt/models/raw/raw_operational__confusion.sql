{{ config(unique_key=["model_id", "dataset", "split", "dx", "predicted_dx"]) }}

{{ copy_from_store("confusion") }}
