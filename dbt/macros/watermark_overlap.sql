{# How far an incremental model looks back; its unique key makes the overlap harmless. #}
{% macro watermark_overlap() %}
    {{- "interval '" ~ var("watermark_overlap_seconds") ~ " seconds'" -}}
{% endmacro %}
