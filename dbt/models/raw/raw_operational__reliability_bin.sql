{{ config(unique_key=["model_id", "dataset", "split", "bin"]) }}

{{ copy_from_store("reliability_bin") }}
