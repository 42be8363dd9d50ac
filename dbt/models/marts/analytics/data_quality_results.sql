{{ config(materialized="view") }}

with

measurements as (
    select * from {{ ref('fct_quality_measurements') }}
),

checks as (
    select * from {{ ref('quality_checks') }}
),

loads as (
    select * from {{ ref('fct_loads') }}
),

judged as (
    select
        measurements.load_id,
        loads.started_at,
        loads.layout,
        measurements.quality_check_code,
        checks.name as quality_check_name,
        checks.category,
        checks.severity,
        measurements.checked_count,
        measurements.found_share,
        checks.threshold_share,
        case
            when measurements.found_share is null then 'not_measured'
            when measurements.found_share <= checks.threshold_share then 'passed'
            when checks.severity = 'error' then 'failed'
            else 'warning'
        end as status,
        measurements.example
    from measurements
    inner join checks on measurements.quality_check_code = checks.code
    inner join loads on measurements.load_id = loads.load_id
)

select * from judged
