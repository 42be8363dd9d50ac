{{ config(unique_key=["load_id", "quality_check"]) }}

{{ copy_from_store("quality_measurement") }}
