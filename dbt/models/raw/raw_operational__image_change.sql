{{ config(unique_key=["load_id", "image_id", "column_name"]) }}

{{ copy_from_store("image_change") }}
