{{ config(unique_key=["load_id", "line"]) }}

{{ copy_from_store("rejected_row") }}
