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

summed as (
    {%- for quantity in ['brightness', 'sharpness', 'lesion_share', 'age_years'] %}
    select
        date_day,
        '{{ quantity }}' as quantity,
        count({{ quantity }}) as capture_count,
        percentile_cont(0.1) within group (order by {{ quantity }}) as p10,
        percentile_cont(0.5) within group (order by {{ quantity }}) as p50,
        percentile_cont(0.9) within group (order by {{ quantity }}) as p90
    from measured
    where {{ quantity }} is not null
    group by date_day
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from summed
