{{ config(unique_key="image_id") }}

{{ copy_from_store("held_out_image") }}
