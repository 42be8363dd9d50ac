{{ config(unique_key="change_id") }}

{{ copy_from_store("alias_change") }}
