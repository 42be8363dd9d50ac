{{ config(unique_key=["model_id", "dataset", "split", "diagnosis", "metric"]) }}

{{ copy_from_store("evaluation") }}
