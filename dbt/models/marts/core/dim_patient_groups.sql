with

sexes as (
    {%- for sex in var('closed_lists')['sexes'] %}
    select '{{ sex }}' as sex_code
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
),

age_bands as (
    {%- for age_band in var('closed_lists')['age_bands'] %}
    select '{{ age_band }}' as age_band
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
),

-- Every group there can be, so that a fact of tomorrow finds its group as well.
keyed as (
    select
        {{ surrogate_key(['sexes.sex_code', 'age_bands.age_band']) }} as patient_group_key,
        sexes.sex_code,
        age_bands.age_band
    from sexes
    cross join age_bands
)

select * from keyed
