{{ config(unique_key="image_id") }}

{{ copy_from_store("image_file") }}
