{{ config(unique_key="name") }}

{{ copy_from_store("alias") }}
