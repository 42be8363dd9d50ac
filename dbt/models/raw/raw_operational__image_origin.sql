{{ config(unique_key=["origin", "source_image_id"]) }}

{{ copy_from_store("image_origin") }}
