{#
    A part of a whole as a float, null where there is no whole: whole numbers would be divided
    without a rest, and PostgreSQL takes 1e0 for an exact number.
#}
{% macro ratio(part, whole) -%}
    cast({{ part }} as double precision) / nullif({{ whole }}, 0)
{%- endmacro %}
