{{ config(unique_key=["model_id", "dataset", "split", "subgroup_kind", "subgroup", "metric"]) }}

{{ copy_from_store("subgroup_evaluation") }}
