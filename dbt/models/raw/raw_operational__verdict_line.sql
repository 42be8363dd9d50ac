{{ config(unique_key=["look_id", "name"]) }}

{{ copy_from_store("verdict_line") }}
