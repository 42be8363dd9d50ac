{{ config(unique_key="load_id") }}

-- depends_on: {{ ref("raw_operational__image") }}
-- depends_on: {{ ref("raw_operational__image_file") }}
-- depends_on: {{ ref("raw_operational__image_change") }}
-- depends_on: {{ ref("raw_operational__rejected_row") }}
-- depends_on: {{ ref("raw_operational__image_origin") }}
-- depends_on: {{ ref("raw_operational__quality_measurement") }}

{{ copy_from_store("load_run") }}
