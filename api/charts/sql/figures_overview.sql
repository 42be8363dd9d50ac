-- The newest answers are counted as they come. They stand in the tail of fct_predictions_live, which
-- is laid where that view is named; the tail alone is asked, so that the version's size is no matter.
with lesions as (
    select
        count(*) as images,
        count(distinct lesion_id) as lesions,
        count(distinct case when is_malignant then lesion_id end) as malignant
    from labelled_images
    where {filters}
),

used as (
    select
        cast(coalesce(sum(answer_count), 0) as bigint) as answers,
        cast(coalesce(sum(capture_count), 0) as bigint) as captures,
        cast(coalesce(sum(reviewed_count), 0) as bigint) as reviewed
    from use_by_day
),

newer as (
    select count(*) as answers
    from operational_tail
    where
        deleted_at is null
        and not is_shadow
        and predicted_at > (
            select coalesce(max(watermark), timestamp '1970-01-01')
            from warehouse_watermarks
            where table_name = 'prediction'
        )
)

select 'images' as figure, images as value, null as of_all from lesions
union all
select 'lesions', lesions, null from lesions
union all
select 'malignant_lesions', malignant, lesions from lesions
union all
select 'answers', answers, null from used
union all
select 'new_answers', answers, null from newer
union all
select 'reviewed_captures', reviewed, captures from used
