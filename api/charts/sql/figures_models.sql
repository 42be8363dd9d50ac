with reviewed as (
    select
        cast(coalesce(sum(reviewed_count), 0) as bigint) as reviewed,
        cast(coalesce(sum(agreement_count), 0) as bigint) as agreed,
        cast(coalesce(sum(malignant_count), 0) as bigint) as malignant,
        cast(coalesce(sum(malignant_found_count), 0) as bigint) as malignant_found
    from performance_against_reviews
    where {filters}
)

select 'models' as figure, count(*) as value, null as of_all from dim_models
union all
select 'reviewed_answers', reviewed, null from reviewed
union all
select 'agreed_answers', agreed, reviewed from reviewed
union all
select 'malignant_found', malignant_found, malignant from reviewed
