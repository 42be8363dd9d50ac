{{ config(unique_key="model_id") }}

-- depends_on: {{ ref("raw_operational__training_epoch") }}
-- depends_on: {{ ref("raw_operational__evaluation") }}
-- depends_on: {{ ref("raw_operational__confusion") }}
-- depends_on: {{ ref("raw_operational__reliability_bin") }}
-- depends_on: {{ ref("raw_operational__subgroup_evaluation") }}
-- depends_on: {{ ref("raw_operational__alias") }}
-- depends_on: {{ ref("raw_operational__alias_change") }}
-- depends_on: {{ ref("raw_operational__validation_look") }}
-- depends_on: {{ ref("raw_operational__retraining") }}
-- depends_on: {{ ref("raw_operational__prediction") }}

{{ copy_from_store("model") }}
