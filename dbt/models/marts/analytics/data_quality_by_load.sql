{{ config(materialized="view") }}

with

loads as (
    select * from {{ ref('fct_loads') }}
),

rejected_rows as (
    select
        load_id,
        count(*) as rejected_row_count
    from {{ ref('fct_rejected_rows') }}
    group by load_id
),

image_changes as (
    select
        load_id,
        count(*) as changed_value_count
    from {{ ref('fct_image_changes') }}
    group by load_id
),

results as (
    select
        load_id,
        count(*) as check_count,
        count(case when status = 'warning' then 1 end) as warning_check_count,
        count(case when status = 'failed' then 1 end) as failed_check_count
    from {{ ref('data_quality_results') }}
    group by load_id
),

-- A run that was stopped half way has no counts yet, so no shares either.
measured as (
    select
        loads.load_id,
        loads.started_at,
        loads.outcome,
        loads.loaded_from,
        loads.row_count,
        loads.image_count,
        loads.file_count,
        loads.missing_file_count,
        {{ ratio('loads.missing_file_count', 'loads.image_count') }} as missing_file_share,
        coalesce(rejected_rows.rejected_row_count, 0) as rejected_row_count,
        {{ ratio('coalesce(rejected_rows.rejected_row_count, 0)', 'loads.row_count') }}
            as rejected_row_share,
        loads.left_out_row_count,
        coalesce(image_changes.changed_value_count, 0) as changed_value_count,
        coalesce(results.check_count, 0) as check_count,
        coalesce(results.warning_check_count, 0) as warning_check_count,
        coalesce(results.failed_check_count, 0) as failed_check_count
    from loads
    left join rejected_rows on loads.load_id = rejected_rows.load_id
    left join image_changes on loads.load_id = image_changes.load_id
    left join results on loads.load_id = results.load_id
)

select * from measured
