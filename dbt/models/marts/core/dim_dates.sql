with

events as (
    select
        min(started_at) as first_at,
        max(started_at) as last_at
    from {{ ref('stg_operational__load_runs') }}
    union all
    select
        min(created_at) as first_at,
        max(created_at) as last_at
    from {{ ref('stg_operational__models') }}
    union all
    select
        min(predicted_at) as first_at,
        max(predicted_at) as last_at
    from {{ ref('stg_operational__predictions') }}
    union all
    select
        min(reviewed_at) as first_at,
        max(reviewed_at) as last_at
    from {{ ref('stg_operational__reviews') }}
    union all
    select
        min(started_at) as first_at,
        max(started_at) as last_at
    from {{ ref('stg_operational__warehouse_builds') }}
),

-- Whole years, and one more than has happened: an answer of tomorrow finds its day as well.
bounds as (
    select
        cast(date_trunc('year', min(first_at)) as date) as first_day,
        cast(date_trunc('year', max(last_at)) + interval '2 years' as date) as end_day
    from events
),

digits as (
    {%- for digit in range(10) %}
    select {{ digit }} as digit
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
),

numbers as (
    select
        ones.digit
        + 10 * tens.digit
        + 100 * hundreds.digit
        + 1000 * thousands.digit
        + 10000 * ten_thousands.digit as number
    from digits as ones
    cross join digits as tens
    cross join digits as hundreds
    cross join digits as thousands
    cross join digits as ten_thousands
),

days as (
    select
        cast({{ dbt.dateadd('day', 'numbers.number', 'bounds.first_day') }} as date) as date_day,
        bounds.end_day
    from bounds
    cross join numbers
),

keyed as (
    select
        {{ date_key('date_day') }} as date_key,
        date_day,
        cast(extract(year from date_day) as integer) as year,
        cast(extract(quarter from date_day) as integer) as quarter,
        cast(extract(month from date_day) as integer) as month,
        cast(date_trunc('month', date_day) as date) as month_start_day,
        cast(date_trunc('week', date_day) as date) as week_start_day
    from days
    where date_day < end_day
)

select * from keyed
