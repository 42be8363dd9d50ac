with

captures as (
    select * from {{ ref('stg_operational__captures') }}
),

measured as (
    select
        cast(captured_at as date) as date_day,
        brightness,
        sharpness,
        lesion_share,
        age_years
    from captures
),

-- The three at once: they are read off the same sorted values.
summed as (
    {%- for quantity in ['brightness', 'sharpness', 'lesion_share', 'age_years'] %}
    select
        date_day,
        '{{ quantity }}' as quantity,
        count({{ quantity }}) as capture_count,
        percentile_cont(array[0.1, 0.5, 0.9]) within group (order by {{ quantity }}) as percentiles
    from measured
    where {{ quantity }} is not null
    group by date_day
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

spread_out as (
    select
        date_day,
        quantity,
        capture_count,
        percentiles[1] as p10,
        percentiles[2] as p50,
        percentiles[3] as p90
    from summed
)

select * from spread_out
