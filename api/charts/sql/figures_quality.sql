with latest as (
    select
        failed_check_count,
        check_count
    from data_quality_by_load
    where check_count > 0
    order by started_at desc, load_id
    limit 1
)

select 'images' as figure, count(*) as value, null as of_all from labelled_images
union all
select 'images_with_file', count(case when has_file then 1 end), count(*) from labelled_images
union all
select 'failed_checks', cast(coalesce(sum(failed_check_count), 0) as bigint),
    cast(coalesce(sum(check_count), 0) as bigint)
from latest
union all
select 'rejected_rows', cast(coalesce(sum(rejected_row_count), 0) as bigint), null
from data_quality_by_load
union all
select 'near_duplicates', count(*), null from perceptual_near_duplicates
