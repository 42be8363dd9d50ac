with counted as (
    select
        count(*) as images,
        count(distinct lesion_id) as lesions,
        count(distinct case when is_malignant then lesion_id end) as malignant,
        count(distinct case when confirmation_code = 'histo' then lesion_id end) as histology
    from labelled_images
    where {filters}
)

select 'images' as figure, images as value, null as of_all from counted
union all
select 'lesions', lesions, null from counted
union all
select 'malignant_lesions', malignant, lesions from counted
union all
select 'histology_lesions', histology, lesions from counted
