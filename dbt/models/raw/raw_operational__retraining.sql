{{ config(unique_key="retraining_id") }}

{{ copy_from_store("retraining") }}
