{{ config(unique_key="look_id") }}

-- depends_on: {{ ref("raw_operational__verdict_line") }}

{{ copy_from_store("validation_look") }}
