{{ config(unique_key="capture_id") }}

-- depends_on: {{ ref("raw_operational__prediction") }}
-- depends_on: {{ ref("raw_operational__review") }}
-- depends_on: {{ ref("raw_operational__capture_lesion") }}

{{ copy_from_store("capture") }}
