{{ config(unique_key="prediction_id") }}

{{ copy_from_store("prediction") }}
