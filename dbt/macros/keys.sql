{# The key of a dimension: md5 of its natural code, or of several joined by a bar. #}
{% macro surrogate_key(columns) %}
    {%- if columns is string -%}
        md5({{ columns }})
    {%- else -%}
        md5({{ columns | join(" || '|' || ") }})
    {%- endif -%}
{% endmacro %}


{# The key of a day: md5 of its ISO text, as in md5('2026-01-31'). #}
{% macro date_key(moment) %}
    {{- "md5(cast(cast(" ~ moment ~ " as date) as text))" -}}
{% endmacro %}


{# Ten years of age; from 80 on one band, so that the very old cannot be told apart. #}
{% macro age_band(age_years) %}
    case
        when {{ age_years }} is null then 'unknown'
        {%- for decade in range(8) %}
        when {{ age_years }} < {{ decade + 1 }}0 then '{{ decade * 10 }}-{{ decade * 10 + 9 }}'
        {%- endfor %}
        else '80+'
    end
{%- endmacro %}
