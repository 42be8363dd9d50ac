{{ config(unique_key="review_id") }}

{{ copy_from_store("review") }}
