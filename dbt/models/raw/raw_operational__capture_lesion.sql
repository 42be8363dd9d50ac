{{ config(unique_key="capture_id") }}

{{ copy_from_store("capture_lesion") }}
