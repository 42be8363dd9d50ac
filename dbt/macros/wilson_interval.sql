{#
    One end of the 95 % interval of a share: Wilson's score interval (J. Am. Stat. Assoc. 22:209,
    1927), which stays within 0 and 1 and holds its promise for few cases (Brown, Cai and DasGupta,
    Statistical Science 16:101, 2001). Null where there is nothing to count.
#}
{% macro wilson_end(part, whole, sign) -%}
    {%- set z = 1.959963984540054 -%}
    ({{ part }} + {{ z * z / 2 }} {{ sign }} {{ z }} * sqrt(
        {{ ratio(part ~ " * (" ~ whole ~ " - " ~ part ~ ")", whole) }} + {{ z * z / 4 }}
    )) / (nullif({{ whole }}, 0) + {{ z * z }})
{%- endmacro %}


{# No cases end at exactly 0 and all cases at exactly 1: rounding must not step over. #}
{% macro wilson_low(part, whole) -%}
    greatest(0, {{ wilson_end(part, whole, "-") }})
{%- endmacro %}


{% macro wilson_high(part, whole) -%}
    least(1, {{ wilson_end(part, whole, "+") }})
{%- endmacro %}
