{{ config(unique_key="image_id") }}

-- depends_on: {{ ref("raw_operational__image_file") }}
-- depends_on: {{ ref("raw_operational__image_change") }}
-- depends_on: {{ ref("raw_operational__image_origin") }}

{{ copy_from_store("image") }}
