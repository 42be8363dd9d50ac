{{ config(unique_key="build_id") }}

{{ copy_from_store("warehouse_build") }}
